//! `asan-index report`: the results of a round as a document.

mod material;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;

use self::material::Material;
use super::inputs::{Destination, Global, Loaded, OutputArgs, deliver, language};
use super::{Terminal, Verdict};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::format::html::{self, Links};
use crate::format::{Format, Style};
use crate::messages::Language;
use crate::output::{Held, MANIFEST, relative, replace, require_inside};
use crate::text::nearest;
use crate::view::Speech;
use crate::view::report::{Audience, Extent, Report, Site, trail_for};

const EXAMPLES: &str = "Examples:
  asan-index report examples/round-2025 -o report.html
  asan-index report examples/round-2025 --also az -o report.html
  asan-index report examples/round-2025 --previous examples/round-2024 -o report.xlsx
  asan-index report examples/round-2025 --audience entity:border-trade -o customs.html
  asan-index report examples/round-2025 --audience internal --pages site";

/// Write the results of a round as a document: one HTML file that needs nothing else, a site of such
/// files, a workbook or Markdown.
///
/// Rankings, pictures, the gaps that cost most over all services, how sure the ranking is, what the
/// framework measures, and a part for each entity and service with its scores, gaps and actions. A
/// draft round says so. docs/report.md tells what is where.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// For whom: `public`, `internal` (with answers, evidence, comments, notes and evaluators) or
    /// `entity:ID` (that body alone, with what is said to it)
    #[arg(long, value_name = "WHO", default_value = "public", value_parser = audience)]
    pub audience: Audience,
    /// Write a site into this folder, for rounds of thousands of services
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "format"])]
    pub pages: Option<PathBuf>,
    /// Write the HTML in this language too (`report.az.html`, or a folder `az`), each linked to the other
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub also: Option<Language>,
    /// An earlier round: what moved since
    #[arg(long, value_name = "ROUND")]
    pub previous: Option<PathBuf>,
    /// Which parameters of the earlier round became which, a CSV of `from,to`
    #[arg(long, value_name = "FILE", requires = "previous")]
    pub mapping: Option<PathBuf>,
    /// A CSV of `service,figure`, such as what citizens say, to hold the index against
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// Draws of weights that tell how sure the ranking is; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub draws: u32,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

fn audience(words: &str) -> Result<Audience, String> {
    match (words, words.strip_prefix("entity:")) {
        ("public", _) => Ok(Audience::Public),
        ("internal", _) => Ok(Audience::Internal),
        (_, Some(id)) if !id.is_empty() => Ok(Audience::Entity(id.to_owned())),
        _ => Err("an audience is `public`, `internal` or `entity:ID`".to_owned()),
    }
}

/// Reports a round.
///
/// # Errors
/// Something cannot be read or written, or there is no such entity.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = destination(args)?;
    let Some(mut loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    check_audience(args, &loaded)?;
    let results = Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &[]);
    loaded.note_rejected(&results);
    let Some(material) = Material::gather(args, global, &mut loaded, &results, terminal)? else {
        return Ok(Verdict::Faulty);
    };
    let site = args.pages.as_deref().map(Held::folder).transpose()?;
    let work = Work { args, global, loaded: &loaded, results: &results, material: &material, site };
    let speech = global.speech_asked(&loaded);
    let also = args.also.filter(|also| *also != speech.program);
    let other = also.map(|program| Speech { program, texts: program.code().to_owned() });
    work.write(&speech, other.as_ref(), &destination, terminal)?;
    if let Some(other) = &other {
        work.write_other(other, &speech, &destination, terminal)?;
    }
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

/// What all files of a run are made from.
struct Work<'a> {
    args: &'a Args,
    global: &'a Global,
    loaded: &'a Loaded,
    results: &'a Results,
    material: &'a Material,
    /// The folder of the site, held until it is written in every language.
    site: Option<Held>,
}

impl Work<'_> {
    /// Writes the report in its first language.
    fn write(
        &self,
        speech: &Speech,
        other: Option<&Speech>,
        destination: &Destination,
        terminal: &mut Terminal<'_>,
    ) -> anyhow::Result<()> {
        if let Some(site) = &self.site {
            let other = other.map(|other| (other.program, format!("{}/", other.program.code())));
            return self.write_site(site, speech, other, terminal);
        }
        match (destination, other) {
            (Destination::File(path, Format::Html), Some(other)) => {
                let sibling = sibling(path, other.program);
                self.page(path, speech, (other.program, &file_name(&sibling)), terminal)
            }
            _ => self.with_report(speech, extent(destination), terminal, |report, style, terminal| {
                deliver(&report.document(), destination, style, terminal)
            }),
        }
    }

    /// Writes it in another language beside the first.
    fn write_other(
        &self,
        other: &Speech,
        first: &Speech,
        destination: &Destination,
        terminal: &mut Terminal<'_>,
    ) -> anyhow::Result<()> {
        match (&self.site, destination) {
            (Some(site), _) => {
                let folder = site.path().join(other.program.code());
                require_inside(site.path(), &folder.join(MANIFEST))?;
                let folder = Held::folder(&folder)?;
                self.write_site(&folder, other, Some((first.program, "../".to_owned())), terminal)
            }
            (None, Destination::File(path, Format::Html)) => {
                let name = file_name(path);
                self.page(&sibling(path, other.program), other, (first.program, &name), terminal)
            }
            (None, _) => {
                bail!("`--also` links two HTML files: write to a `.html` file with `-o`, or to `--pages`")
            }
        }
    }

    fn with_report<T>(
        &self,
        speech: &Speech,
        extent: Extent,
        terminal: &mut Terminal<'_>,
        then: impl FnOnce(&Report<'_>, Style, &mut Terminal<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let scorer = Scorer::new(&self.loaded.framework, &self.loaded.round);
        let report = Report {
            scorer: &scorer,
            results: self.results,
            speech,
            audience: &self.args.audience,
            extent,
            stages: &self.loaded.head.stages,
            trail: trail_for(&self.args.audience, &self.material.said),
            analyses: self.material.analyses(self.loaded, self.args.draws, speech),
        };
        let style = self.global.style(&self.args.output, Some(&self.loaded.head), terminal);
        then(&report, Style { language: speech.program, folded: true, ..style }, terminal)
    }

    /// Writes one HTML file that leads to its sibling in another language.
    fn page(
        &self,
        path: &Path,
        speech: &Speech,
        other: (Language, &str),
        terminal: &mut Terminal<'_>,
    ) -> anyhow::Result<()> {
        self.with_report(speech, Extent::Whole, terminal, |report, style, _| {
            let links = Links { other: Some(other), ..Links::default() };
            replace(path, html::write(&report.document(), style, &links).as_bytes())
        })
    }

    /// Writes a site into a folder; `other` is where the pages in another language are.
    fn write_site(
        &self,
        folder: &Held,
        speech: &Speech,
        other: Option<(Language, String)>,
        terminal: &mut Terminal<'_>,
    ) -> anyhow::Result<()> {
        let args = self.args;
        let previous = args.previous.as_ref().map(|path| relative(path, folder.path()));
        let options = json!({ "audience": args.audience.name(), "draws": args.draws, "previous": previous });
        let manifest = self.loaded.manifest(self.results, options)?;
        self.with_report(speech, Extent::Whole, terminal, |report, style, terminal| {
            let site = Site::new(report);
            let names: Vec<&str> = site.names().collect();
            let page = |at: usize| {
                let document = site.page(at);
                let address =
                    other.as_ref().map(|(language, way)| (*language, format!("{way}{}", names[at])));
                let links = Links {
                    parts: Some(site.addresses()),
                    home: (at > 0).then_some(names[0]),
                    other: address.as_ref().map(|(language, address)| (*language, address.as_str())),
                };
                if terminal.err_is_terminal {
                    let end = if at + 1 == names.len() { "\n" } else { "" };
                    write!(terminal.err, "\r{} / {}{end}", at + 1, names.len()).context("cannot write")?;
                }
                Ok(html::write(&document, style, &links).into_bytes())
            };
            folder.write(&names, page, manifest)
        })
    }
}

/// The file of a page in another language: `report.az.html` beside `report.html`.
fn sibling(path: &Path, language: Language) -> PathBuf {
    path.with_extension(format!("{}.html", language.code()))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn extent(destination: &Destination) -> Extent {
    match destination {
        Destination::Stream(Format::Html) | Destination::File(_, Format::Html) => Extent::Whole,
        Destination::Stream(Format::Xlsx) | Destination::File(_, Format::Xlsx) => Extent::Tables,
        Destination::Stream(_) | Destination::File(..) | Destination::Folder(_) => Extent::Gaps,
    }
}

/// Where it goes: HTML unless another format for people is asked for.
fn destination(args: &Args) -> anyhow::Result<Destination> {
    let destination = match args.output.destination()? {
        Destination::Stream(_) if args.output.format.is_none() => Destination::Stream(Format::Html),
        other => other,
    };
    match destination {
        Destination::Stream(Format::Csv | Format::Json)
        | Destination::File(_, Format::Csv | Format::Json) => {
            bail!("a report is for people: `.html`, `.xlsx` or `.md`; `score` writes CSV and JSON")
        }
        Destination::Stream(_) | Destination::File(..) => Ok(destination),
        Destination::Folder(path) => {
            bail!("{} has no ending: name a file, or a folder with `--pages`", path.display())
        }
    }
}

fn check_audience(args: &Args, loaded: &Loaded) -> anyhow::Result<()> {
    let Audience::Entity(id) = &args.audience else { return Ok(()) };
    let ids = || loaded.round.entities.iter().map(|entity| entity.id.as_str());
    let known = ids().any(|known| known == id);
    let near = nearest(id, ids()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    known.then_some(()).with_context(|| format!("there is no entity `{id}`{near}"))
}
