//! `asan-index demo`: a made-up round.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use csv::{Terminator, Writer, WriterBuilder};

use super::inputs::Global;
use super::{Terminal, Verdict};
use crate::demo::{Demo, Reply};
use crate::framework::Framework;
use crate::output::{clear, relative, stage};
use crate::text::count;

const EXAMPLES: &str = "Examples:
  asan-index demo trial
  asan-index demo trial-wide --services 500 --seed 7 --layout wide
  asan-index demo national --services 100000 --export";

/// The file that makes a folder a round.
const HEAD: &str = "round.yaml";

/// Make up a round: bodies, services, correlated answers, gaps and evidence.
///
/// For training, trying out and benchmarks. The same seed gives the same bytes everywhere, and the same
/// answers in every layout.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder to make
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// How many services
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub services: u32,
    /// What everything is drawn from
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// How answers are laid out
    #[arg(long, value_enum, default_value_t = Layout::Long)]
    pub layout: Layout,
    /// Answers alone, as a database exports them: no registries, every service with what its body answered
    #[arg(long)]
    pub export: bool,
}

/// How answers are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// One file, a row for each answer.
    Long,
    /// One file, a row for each service; evidence in a second file.
    Wide,
    /// A file for each service.
    PerService,
}

/// Makes up a round.
///
/// # Errors
/// The folder is not empty, or something cannot be written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let (framework, findings) = global.load_framework()?;
    let Some(framework) = framework else {
        global.report(&findings, terminal)?;
        return Ok(Verdict::Faulty);
    };
    let folder = &args.folder;
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: name a folder to be made", folder.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let services = args.services as usize;
    let demo = Demo { framework: &framework, services, seed: args.seed, export: args.export };
    let stage = stage(folder)?;
    write(args, global, &demo, stage.path())?;
    move_out(stage.path(), folder)?;
    clear(stage)?;
    let made = format!("{} of {}", count(services, "service"), count(demo.bodies(), "entity"));
    writeln!(terminal.err, "{made} in {0}\nnext: asan-index score {0}", folder.display())
        .context("cannot write")?;
    Ok(Verdict::Done)
}

/// Moves what was staged to its place, `round.yaml` last: all of it, or none.
fn move_out(stage: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut moved = Vec::new();
    for name in ["entities.csv", "services.csv", "answers", HEAD] {
        let (from, to) = (stage.join(name), folder.join(name));
        if !from.exists() {
            continue;
        }
        if let Err(error) = std::fs::rename(&from, &to) {
            // The first failure is what is told.
            moved.iter().for_each(|(from, to)| drop(std::fs::rename(to, from)));
            return Err(error).with_context(|| format!("cannot write {}", to.display()));
        }
        moved.push((from, to));
    }
    Ok(())
}

/// Writes the round into a folder.
fn write(args: &Args, global: &Global, demo: &Demo<'_>, folder: &Path) -> anyhow::Result<()> {
    let answers = folder.join("answers");
    std::fs::create_dir(&answers).with_context(|| format!("cannot make {}", answers.display()))?;
    let head = folder.join(HEAD);
    std::fs::write(&head, round_yaml(args, global))
        .with_context(|| format!("cannot write {}", head.display()))?;
    if !args.export {
        Sheet::create(folder.join("entities.csv"))?.rows(demo.body_rows())?;
        Sheet::create(folder.join("services.csv"))?.rows(demo.service_rows())?;
        write_bodies(demo, &answers)?;
    }
    match args.layout {
        Layout::Long => write_long(demo, &answers),
        Layout::Wide => write_wide(demo, &answers),
        Layout::PerService => write_per_service(demo, &answers),
    }
}

fn round_yaml(args: &Args, global: &Global) -> String {
    let mut text = format!(
        "# Made up by `asan-index demo`: no real body or service is meant.\n\
         id: demo-{seed}\n\
         title: {{ en: Made-up round {seed}, az: Uydurulmuş dövr {seed} }}\n",
        seed = args.seed
    );
    if let Some(path) = &global.framework {
        text.push_str(&format!("framework: \"{}\"\n", relative(path, &args.folder)));
    }
    if args.export {
        text.push_str(
            "# An export has gaps and few references to evidence: neither is to sink a figure.\n\
             policy: { missing: exclude, evidence: warn }\n",
        );
    }
    text
}

/// A CSV that is being written.
struct Sheet {
    path: PathBuf,
    writer: Writer<BufWriter<File>>,
}

impl Sheet {
    fn create(path: PathBuf) -> anyhow::Result<Self> {
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let buffered = BufWriter::new(file);
        let writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(buffered);
        Ok(Self { writer, path })
    }

    fn row<T: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = T>) -> anyhow::Result<()> {
        self.writer.write_record(cells).with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.writer.flush().with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn rows(mut self, rows: impl Iterator<Item = Vec<String>>) -> anyhow::Result<()> {
        for row in rows {
            self.row(row)?;
        }
        self.finish()
    }

    fn replies(&mut self, subject: &str, replies: &[Reply<'_>], framework: &Framework) -> anyhow::Result<()> {
        for Reply { parameter, answer, evidence } in replies {
            let id = &framework.parameter(*parameter).id;
            self.row([subject, id, answer, evidence])?;
        }
        Ok(())
    }
}

fn write_bodies(demo: &Demo<'_>, folder: &Path) -> anyhow::Result<()> {
    let mut sheet = Sheet::create(folder.join("bodies.csv"))?;
    sheet.row(["entity", "parameter", "answer", "evidence"])?;
    for body in 0..demo.bodies() {
        sheet.replies(&demo.body_id(body), &demo.of_body(body), demo.framework)?;
    }
    sheet.finish()
}

fn write_long(demo: &Demo<'_>, folder: &Path) -> anyhow::Result<()> {
    let mut sheet = Sheet::create(folder.join("services.csv"))?;
    sheet.row(["service", "parameter", "answer", "evidence"])?;
    for service in 0..demo.services {
        sheet.replies(&demo.service_id(service), &demo.of_service(service), demo.framework)?;
    }
    sheet.finish()
}

fn write_wide(demo: &Demo<'_>, folder: &Path) -> anyhow::Result<()> {
    let parameters = &demo.framework.parameters;
    let mut sheet = Sheet::create(folder.join("services.csv"))?;
    let mut evidence = Sheet::create(folder.join("evidence.csv"))?;
    sheet.row(std::iter::once("service").chain(parameters.iter().map(|parameter| parameter.id.as_str())))?;
    evidence.row(["service", "parameter", "evidence"])?;
    for service in 0..demo.services {
        let id = demo.service_id(service);
        let mut cells = vec![""; parameters.len() + 1];
        let replies = demo.of_service(service);
        cells[0] = &id;
        for reply in &replies {
            cells[reply.parameter.get() + 1] = &reply.answer;
            if !reply.evidence.is_empty() {
                evidence.row([&id, &parameters[reply.parameter.get()].id, &reply.evidence])?;
            }
        }
        sheet.row(cells)?;
    }
    sheet.finish()?;
    evidence.finish()
}

fn write_per_service(demo: &Demo<'_>, folder: &Path) -> anyhow::Result<()> {
    for service in 0..demo.services {
        let mut sheet = Sheet::create(folder.join(format!("{}.csv", demo.service_id(service))))?;
        sheet.row(["parameter", "answer", "evidence"])?;
        for Reply { parameter, answer, evidence } in demo.of_service(service) {
            sheet.row([&demo.framework.parameter(parameter).id, answer.as_ref(), &evidence])?;
        }
        sheet.finish()?;
    }
    Ok(())
}
