//! What nobody can be faster than, for `benches/peers.py`: `baseline read PATH` reads a file, or all
//! files of a folder, and does nothing with them; `baseline split FILE` splits a CSV into fields with the
//! csv crate, on one thread.
#![allow(clippy::print_stdout, reason = "what was read is told, so that it has to be read")]

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::bail;
use csv::{ByteRecord, ReaderBuilder};

const BLOCK: usize = 1 << 17;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seen = match &arguments[..] {
        [what, path] if what == "read" => read(Path::new(path))?,
        [what, path] if what == "split" => split(Path::new(path))?,
        _ => bail!("usage: baseline read PATH, or baseline split FILE"),
    };
    println!("{seen}");
    Ok(())
}

/// How many bytes there are.
fn read(path: &Path) -> io::Result<usize> {
    let mut block = vec![0; BLOCK];
    if !path.is_dir() {
        return bytes(path, &mut block);
    }
    path.read_dir()?.map(|entry| bytes(&entry?.path(), &mut block)).sum()
}

fn bytes(path: &Path, block: &mut [u8]) -> io::Result<usize> {
    let mut file = File::open(path)?;
    let mut sum = 0;
    loop {
        match file.read(block)? {
            0 => return Ok(sum),
            more => sum += more,
        }
    }
}

/// How many bytes the fields have.
fn split(path: &Path) -> csv::Result<usize> {
    let mut reader = ReaderBuilder::new().buffer_capacity(BLOCK).from_path(path)?;
    let mut record = ByteRecord::new();
    let mut sum = 0;
    while reader.read_byte_record(&mut record)? {
        sum += record.iter().map(<[u8]>::len).sum::<usize>();
    }
    Ok(sum)
}
