//! Work by several threads whose outcome is the same on any number of them.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};

/// What was asked for; 0 where nothing was.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Lets the process work on so many threads.
pub fn use_threads(threads: usize) {
    THREADS.store(threads, Ordering::Relaxed);
}

/// How many threads work: what was asked for, else one for each processor.
pub fn threads() -> usize {
    // To ask the system opens files, some of which tell what a container may take.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    match THREADS.load(Ordering::Relaxed) {
        0 => *PROCESSORS.get_or_init(processors),
        threads => threads,
    }
}

/// The processors that the process may use, where it keeps its threads apart.
#[cfg(target_os = "linux")]
static APART: OnceLock<Vec<usize>> = OnceLock::new();

/// Lets a process that does nothing else keep each of its threads on a processor of its own, where there are as many:
/// a system may leave a young process's threads together on one to save the other (a virtual machine's was seen to do
/// so for a fifth of a run). As work is handed out in small pieces, a processor that others use too delays no more
/// than it would otherwise.
pub fn keep_apart() {
    #[cfg(target_os = "linux")]
    if let Ok(allowed) = rustix::thread::sched_getaffinity(None) {
        let all = 0..rustix::thread::CpuSet::MAX_CPU;
        let _ = APART.set(all.filter(|processor| allowed.is_set(*processor)).collect());
    }
}

/// Takes the thread that asks to the processor of its number, or lets it go to any; where that cannot be, it stays.
fn take_place(number: Option<usize>) {
    #[cfg(target_os = "linux")]
    if let Some(processors) = APART.get().filter(|processors| processors.len() == threads()) {
        let mut places = rustix::thread::CpuSet::new();
        match number {
            Some(number) => places.set(processors[number % processors.len()]),
            None => processors.iter().for_each(|processor| places.set(*processor)),
        }
        let _ = rustix::thread::sched_setaffinity(None, &places);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = number;
}

/// Does the same on so many threads.
fn on_threads(threads: usize, run: impl Fn() + Sync) {
    if threads <= 1 {
        return run();
    }
    let run = &|number| {
        take_place(Some(number));
        run();
    };
    std::thread::scope(|scope| {
        for number in 1..threads {
            scope.spawn(move || run(number));
        }
        run(0);
    });
    // A thread begins where its maker may be: if that were here, the next ones would have to wait for this one to
    // pause before they could leave.
    take_place(None);
}

/// Fewer pieces of work than this are done sooner than a thread is started.
const FEW: usize = 2048;

/// How many threads so many small pieces of work are for.
pub fn threads_for(count: usize) -> usize {
    if count < FEW { 1 } else { threads() }
}

/// Splits small pieces of work over threads; what each did comes back in order.
pub fn split<T: Send>(count: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    shared(count, threads_for(count), work)
}

/// Splits work over so many threads; what each did comes back in order.
pub fn shared<T: Send>(count: usize, threads: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let threads = threads.clamp(1, count.max(1));
    let bound = |part: usize| count * part / threads;
    let mut parts = 0..threads;
    as_free(threads, || parts.next(), |part| work(bound(part)..bound(part + 1)))
}

/// Does two things, at the same time where there is a second thread.
pub fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    if threads() == 1 {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        (one, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Looks for what comes soon as a rule; none when it has not come within a millisecond or so. To sleep and be woken
/// takes longer, and a system likes to wake a thread where the other one runs instead of side by side; one that
/// lets others go first is not in the way of what it waits for.
fn soon<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    const LOOKS: usize = 128;
    const TURNS: usize = 2048;
    (0..LOOKS + TURNS).find_map(|time| {
        match time {
            0 => {}
            1..LOOKS => std::hint::spin_loop(),
            _ => std::thread::yield_now(),
        }
        look()
    })
}

/// Takes items from `next`, works on each with a worker's own tools, and applies the outcomes in the
/// order of items: what comes out is the same on any number of threads.
pub fn in_order<T, R, W>(
    threads: usize,
    worker: impl Fn() -> W + Sync,
    next: impl FnMut(&mut W) -> Option<T> + Send,
    work: impl Fn(&mut W, T) -> R + Sync,
    apply: impl FnMut(&mut W, R) + Send,
) {
    let source = Mutex::new((0, next));
    let sink = Mutex::new(Sink { next: 0, asleep: 0, apply });
    let turn = Condvar::new();
    let applied = AtomicUsize::new(0);
    let run = || {
        let mut tools = worker();
        loop {
            let (number, item) = {
                let mut source = soon(|| source.try_lock().ok()).unwrap_or_else(|| lock(&source));
                let Some(item) = (source.1)(&mut tools) else { return };
                source.0 += 1;
                (source.0 - 1, item)
            };
            let outcome = work(&mut tools, item);
            soon(|| (applied.load(Ordering::Acquire) == number).then_some(()));
            let mut sink = lock(&sink);
            while sink.next != number {
                sink.asleep += 1;
                sink = turn.wait(sink).unwrap_or_else(|poisoned| poisoned.into_inner());
                sink.asleep -= 1;
            }
            (sink.apply)(&mut tools, outcome);
            sink.next += 1;
            applied.store(sink.next, Ordering::Release);
            if sink.asleep > 0 {
                turn.notify_all();
            }
        }
    };
    on_threads(threads, run);
}

/// Where outcomes go.
struct Sink<F> {
    /// The number of the outcome that is next.
    next: usize,
    /// How many threads sleep until it is their turn.
    asleep: usize,
    apply: F,
}

/// Takes items from `next` and works on each as soon as a thread is free; the outcomes come in the order of items.
pub fn as_free<T, R: Send>(
    threads: usize,
    next: impl FnMut() -> Option<T> + Send,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    as_free_with(threads, next, || (), |(), item| work(item), |()| ()).0
}

/// The same, each thread with a worker's own tools; what `finish` makes of these in the end comes in no order.
pub fn as_free_with<T, R: Send, W, F: Send>(
    threads: usize,
    next: impl FnMut() -> Option<T> + Send,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, T) -> R + Sync,
    finish: impl Fn(W) -> F + Sync,
) -> (Vec<R>, Vec<F>) {
    let source = Mutex::new((0, next));
    let (done, finished) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let run = || {
        let mut tools = worker();
        loop {
            let (number, item) = {
                let mut source = lock(&source);
                let Some(item) = (source.1)() else { break };
                source.0 += 1;
                (source.0, item)
            };
            let outcome = work(&mut tools, item);
            lock(&done).push((number, outcome));
        }
        let tools = finish(tools);
        lock(&finished).push(tools);
    };
    on_threads(threads, run);
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(number, _)| *number);
    let finished = finished.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    (done.into_iter().map(|(_, outcome)| outcome).collect(), finished)
}

/// What a mutex holds, whatever became of who held it before.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once() {
        for count in [0, 1, 5000] {
            assert!(split(count, |part| part.collect::<Vec<_>>()).concat().into_iter().eq(0..count));
        }
    }

    #[test]
    fn effects_come_in_order_on_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let (mut numbers, mut squares) = (0..1000u64, Vec::new());
            in_order(
                threads,
                || 0,
                |_| numbers.next(),
                |_, number| number * number,
                |_, square| squares.push(square),
            );
            assert!(squares.iter().enumerate().all(|(at, square)| *square == (at * at) as u64));
            assert_eq!(squares.len(), 1000);
            let mut numbers = 0..1000u64;
            let squares = as_free(threads, || numbers.next(), |number| number * number);
            assert!((0..1000u64).map(|number| number * number).eq(squares));
        }
    }
}
