/* Runs a program under a supervisor that sees each call by which it would change files, and lets one of
 * them fail or kills the program before it.
 *
 *     supervisor LOG NUMBER ACTION PROGRAM ARGUMENTS...
 *
 * NUMBER counts those calls from 1; 0 disturbs none. ACTION is an errno that this one call fails with; `full`
 * lets it and all later ones that need room fail as on a full disk; `kill` ends the program before it.
 * LOG becomes a file with the names of the calls, one a line, and zero bytes behind.
 *
 * The kernel hands the calls over (seccomp with user notification, Linux 5.5), so that none is missed,
 * whichever library makes it. Exit 125: the kernel does not allow it here. */

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ALWAYS, NOT_STANDARD, TO_WRITE_1, TO_WRITE_2 };
enum { FREES, NEEDS_ROOM };

static const struct call {
    unsigned number;
    const char *name;
    int when, room;
} calls[] = {
#ifdef SYS_open
    {SYS_open, "open", TO_WRITE_1, NEEDS_ROOM},
    {SYS_creat, "creat", ALWAYS, NEEDS_ROOM},
    {SYS_rename, "rename", ALWAYS, FREES},
    {SYS_link, "link", ALWAYS, NEEDS_ROOM},
    {SYS_symlink, "symlink", ALWAYS, NEEDS_ROOM},
    {SYS_mkdir, "mkdir", ALWAYS, NEEDS_ROOM},
    {SYS_rmdir, "rmdir", ALWAYS, FREES},
    {SYS_unlink, "unlink", ALWAYS, FREES},
#endif
    {SYS_openat, "openat", TO_WRITE_2, NEEDS_ROOM},
    {SYS_write, "write", NOT_STANDARD, NEEDS_ROOM},
    {SYS_writev, "writev", NOT_STANDARD, NEEDS_ROOM},
    {SYS_pwrite64, "pwrite", NOT_STANDARD, NEEDS_ROOM},
    {SYS_copy_file_range, "copy_file_range", ALWAYS, NEEDS_ROOM},
    {SYS_sendfile, "sendfile", NOT_STANDARD, NEEDS_ROOM},
    {SYS_ftruncate, "ftruncate", ALWAYS, NEEDS_ROOM},
    {SYS_fallocate, "fallocate", ALWAYS, NEEDS_ROOM},
    {SYS_fsync, "fsync", ALWAYS, NEEDS_ROOM},
    {SYS_fdatasync, "fdatasync", ALWAYS, NEEDS_ROOM},
    {SYS_fchmod, "fchmod", ALWAYS, FREES},
    {SYS_renameat2, "renameat2", ALWAYS, FREES},
#ifdef SYS_renameat
    {SYS_renameat, "renameat", ALWAYS, FREES},
#endif
    {SYS_linkat, "linkat", ALWAYS, NEEDS_ROOM},
    {SYS_symlinkat, "symlinkat", ALWAYS, NEEDS_ROOM},
    {SYS_mkdirat, "mkdirat", ALWAYS, NEEDS_ROOM},
    {SYS_unlinkat, "unlinkat", ALWAYS, FREES},
};
enum { CALLS = sizeof calls / sizeof *calls, LOG_SIZE = 1 << 20 };

static void fail(int status, const char *what) {
    perror(what);
    _exit(status);
}

static int listen_to_calls(void) {
    struct sock_filter filter[2 + 5 * CALLS];
    unsigned short length = 0;
#define ADD(...) filter[length++] = (struct sock_filter)__VA_ARGS__
#define LOAD(offset) ADD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset))
#define END(value) ADD(BPF_STMT(BPF_RET | BPF_K, value))
#define GO_ON_IF(test, value, otherwise_skip) ADD(BPF_JUMP(BPF_JMP | test | BPF_K, value, 0, otherwise_skip))
    LOAD(offsetof(struct seccomp_data, nr));
    for (int at = 0; at < CALLS; at++) {
        GO_ON_IF(BPF_JEQ, calls[at].number, calls[at].when == ALWAYS ? 1 : 4);
        if (calls[at].when == NOT_STANDARD) {
            LOAD(offsetof(struct seccomp_data, args[0]));
            GO_ON_IF(BPF_JGT, 2, 1);
        } else if (calls[at].when != ALWAYS) {
            int flags = calls[at].when == TO_WRITE_1 ? 1 : 2;
            LOAD(offsetof(struct seccomp_data, args) + 8 * flags);
            GO_ON_IF(BPF_JSET, O_WRONLY | O_RDWR | O_CREAT, 1);
        }
        END(SECCOMP_RET_USER_NOTIF);
        if (calls[at].when != ALWAYS)
            END(SECCOMP_RET_ALLOW);
    }
    END(SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void supervise(int listener, pid_t program, char *log, int number, const char *action) {
    int is_kill = !strcmp(action, "kill"), is_full = !strcmp(action, "full"), seen = 0;
    for (;;) {
        struct seccomp_notif asked;
        memset(&asked, 0, sizeof asked);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked)) {
            if (errno == EINTR || errno == ENOENT)
                continue;
            _exit(1);
        }
        const struct call *call = calls;
        while (call->number != (unsigned)asked.data.nr)
            call++;
        log = stpcpy(stpcpy(log, call->name), "\n");
        seen++;
        if (seen == number && is_kill) {
            kill(program, SIGKILL);
            pause();
        }
        struct seccomp_notif_resp answer = {.id = asked.id};
        if (is_full && number && seen >= number && call->room == NEEDS_ROOM)
            answer.error = -ENOSPC;
        else if (!is_full && seen == number)
            answer.error = -atoi(action);
        else
            answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
}

int main(int count, char **words) {
    if (count < 5)
        fail(124, "LOG NUMBER ACTION PROGRAM ARGUMENTS...");
    int file = open(words[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0 || ftruncate(file, LOG_SIZE))
        fail(124, words[1]);
    /* The supervisor is under the same filter: it writes its log without a call. */
    char *log = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (log == MAP_FAILED)
        fail(124, words[1]);
    pid_t program = getpid();
    int listener = listen_to_calls();
    if (listener < 0)
        fail(125, "seccomp");
    pid_t child = fork();
    if (child < 0)
        fail(124, "fork");
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != program)
            _exit(0);
        for (int stream = 0; stream < 3; stream++)
            close(stream);
        supervise(listener, program, log, atoi(words[2]), words[3]);
    }
    execv(words[4], words + 4);
    fail(124, words[4]);
}
