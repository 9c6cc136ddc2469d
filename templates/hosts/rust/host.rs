//! host [--program FILE] [--tree DIGEST] list | run ENGINE VERSION ENTRY [ARGUMENT...] | call ENGINE VERSION ENTRY SYMBOL ...
//! ENTRY `-`: the one that is meant where none is named. `call`: by fours, each of a library, `const char *SYMBOL(void)`.

mod embedded;

use embedded::{Embedded, EmbeddedFile};
use std::ffi::{CStr, CString};
use std::io;
use std::os::raw::c_char;

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let (mut program, mut tree) = (None, None);
    while words.len() > 1 && words[0].starts_with("--") {
        let value = Some(words[1].clone());
        match words[0].as_str() {
            "--program" => program = value,
            "--tree" => tree = value,
            _ => std::process::exit(2),
        }
        words.drain(..2);
    }
    let ended = Embedded::open(program.as_deref()).and_then(|embedded| answer(&embedded, &words, tree.as_deref()));
    if let Err(error) = ended {
        eprintln!("host: {}", error);
        std::process::exit(1);
    }
}

fn answer(embedded: &Embedded, words: &[String], tree: Option<&str>) -> io::Result<()> {
    match words.first().map(String::as_str) {
        Some("list") => embedded.releases().for_each(|line| println!("{}", line)),
        Some("run") if words.len() >= 4 => {
            let file = find(embedded, &words[1..4], tree)?;
            let arguments: Result<Vec<CString>, _> = words[3..].iter().map(|one| CString::new(one.as_str())).collect();
            return Err(embedded.execute(&file, &arguments?));
        }
        Some("call") => {
            for four in words[1..].chunks_exact(4) {
                let file = find(embedded, four, tree)?;
                let library = embedded.load(&file)?;
                let symbol = library.symbol(&four[3]);
                if symbol.is_null() {
                    return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} has no {}", file.path, four[3])));
                }
                let ask: extern "C" fn() -> *const c_char = unsafe { std::mem::transmute(symbol) };
                println!("{}\t{}\t{}", four[0], four[1], unsafe { CStr::from_ptr(ask()) }.to_string_lossy());
            }
        }
        _ => std::process::exit(2),
    }
    Ok(())
}

fn find(embedded: &Embedded, words: &[String], tree: Option<&str>) -> io::Result<EmbeddedFile> {
    let entry = if words[2] == "-" { "*" } else { words[2].as_str() };
    let file = embedded.find(&words[0], &words[1], entry)?;
    if tree.map_or(true, |known| known == file.tree) {
        return Ok(file);
    }
    let what = format!("{}@{} is another release than this host was built with", words[0], words[1]);
    Err(io::Error::new(io::ErrorKind::InvalidData, what))
}
