//! Engines that `enginery embed` put into an ELF program (docs/LAYOUT.md, "Embedded engines"): found, checked, loaded from memory.
//! Linux, no crates. Nothing of a file is used before its sha256 is right.

use std::ffi::{c_void, CStr, CString};
use std::fs::File;
use std::io::{self, Write};
use std::os::raw::{c_char, c_int, c_uint};
use std::os::unix::fs::FileExt;
use std::os::unix::io::{AsRawFd, FromRawFd};

const HEAD_BYTES: u64 = 63;
const MAX_TABLE_BYTES: u64 = 256 * 1024 * 1024;

pub struct Embedded {
    file: File,
    offset: u64,
    bytes: u64,
    table: String,
}

pub struct EmbeddedFile {
    /// In the program.
    pub offset: u64,
    pub bytes: u64,
    pub sha256: String,
    /// Digest of the release that it is of: compare it with the one that you were built with.
    pub tree: String,
    /// `executable`, `library`; another one is not for you.
    pub kind: String,
    /// In the release.
    pub path: String,
}

fn no<T>(what: impl Into<String>) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::InvalidData, what.into()))
}

impl Embedded {
    /// `program` None: the one that runs.
    pub fn open(program: Option<&str>) -> io::Result<Embedded> {
        let file = File::open(program.unwrap_or("/proc/self/exe"))?;
        let (offset, section_bytes) = section(&file)?;
        if section_bytes < HEAD_BYTES {
            return no("the section of engines is cut short");
        }
        let head = text(read(&file, offset, HEAD_BYTES)?)?;
        let words: Vec<&str> = head.trim_end().split(' ').collect();
        let (bytes, table_bytes) = match words[..] {
            ["enginery-embedded", "1", bytes, table_bytes, _] => (number(bytes)?, number(table_bytes)?),
            _ => return no("the section of engines is not one of format 1"),
        };
        if bytes > section_bytes || table_bytes > bytes.min(MAX_TABLE_BYTES) {
            return no("the section of engines is cut short");
        }
        let table = text(read(&file, offset, table_bytes)?)?;
        Ok(Embedded { file, offset, bytes, table })
    }

    /// One line for each release, as the table has it.
    pub fn releases(&self) -> impl Iterator<Item = &str> {
        self.table.lines().filter_map(|line| line.strip_prefix("release "))
    }

    /// Of a release whose files are those of its tree. `entry` `*`: the one that is meant where none is named.
    pub fn find(&self, engine: &str, version: &str, entry: &str) -> io::Result<EmbeddedFile> {
        let start = format!("release {} {} ", engine, version);
        let mut lines = self.table.lines().skip_while(|line| !line.starts_with(&start));
        let release = match lines.next() {
            Some(line) => line,
            None => return no(format!("{}@{} is not embedded", engine, version)),
        };
        let tree = release.split(' ').nth(4).unwrap_or("").to_string();
        let lines: Vec<&str> = lines.take_while(|line| !line.starts_with("release ")).collect();
        if digest_of(&lines)? != tree {
            return no(format!("the files of {}@{} are not those of its tree", engine, version));
        }
        let mut found: Option<(String, String)> = None;
        for line in lines {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match (&words[..], &found) {
                (["entry", kind, name, path], None) if *name == entry => {
                    found = Some((kind.to_string(), path.to_string()));
                }
                (["file", ..], Some((kind, path))) => {
                    let file = self.file_of(line, kind, &tree)?;
                    if file.path == *path {
                        return Ok(file);
                    }
                }
                _ => {}
            }
        }
        no(format!("{}@{} has no entry point {}", engine, version, entry))
    }

    fn file_of(&self, line: &str, kind: &str, tree: &str) -> io::Result<EmbeddedFile> {
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let (offset, bytes, sha256, path) = match words[..] {
            ["file", offset, bytes, sha256, _, path] => (number(offset)?, number(bytes)?, sha256, path),
            _ => return no("the table of engines cannot be read"),
        };
        if offset > self.bytes || bytes > self.bytes - offset {
            return no("the table of engines cannot be read");
        }
        Ok(EmbeddedFile {
            offset: self.offset + offset,
            bytes,
            sha256: sha256.to_string(),
            tree: tree.to_string(),
            kind: kind.to_string(),
            path: path.to_string(),
        })
    }

    /// Memory that holds the file, can be executed, and that nobody can write to any more; hashed after that.
    pub fn memory(&self, file: &EmbeddedFile) -> io::Result<File> {
        let name = CString::new("engine")?;
        // Linux 6.3 wants to be told that it will be executed; those before do not know the flag
        let mut descriptor = unsafe { memfd_create(name.as_ptr(), MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC) };
        if descriptor < 0 && io::Error::last_os_error().raw_os_error() == Some(EINVAL) {
            descriptor = unsafe { memfd_create(name.as_ptr(), MFD_CLOEXEC | MFD_ALLOW_SEALING) };
        }
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut memory = unsafe { File::from_raw_fd(descriptor) };
        let mut done = 0;
        while done < file.bytes {
            let part = read(&self.file, file.offset + done, (file.bytes - done).min(1 << 20))?;
            memory.write_all(&part)?;
            done += part.len() as u64;
        }
        if unsafe { fchmod(descriptor, 0o500) } != 0 || unsafe { fcntl(descriptor, F_ADD_SEALS, ALL_SEALS) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let mut hash = sha256::Sha256::new();
        for start in (0..file.bytes).step_by(1 << 20) {
            hash.update(&read(&memory, start, (file.bytes - start).min(1 << 20))?);
        }
        if hash.hex() == file.sha256 {
            Ok(memory)
        } else {
            no(format!("{} is not what was embedded", file.path))
        }
    }

    /// Loads a library; it stays until the process ends. The memory's descriptor stays open as well: the loader knows the library by it.
    pub fn load(&self, file: &EmbeddedFile) -> io::Result<Library> {
        if file.kind != "library" {
            return no(format!("{} is of the kind {}", file.path, file.kind));
        }
        let memory = self.memory(file)?;
        let path = CString::new(format!("/proc/self/fd/{}", memory.as_raw_fd()))?;
        let handle = unsafe { dlopen(path.as_ptr(), RTLD_NOW) };
        if handle.is_null() {
            return no(unsafe { CStr::from_ptr(dlerror()) }.to_string_lossy().into_owned());
        }
        std::mem::forget(memory);
        Ok(Library { handle })
    }

    /// Becomes the executable; comes back only where that failed.
    pub fn execute(&self, file: &EmbeddedFile, arguments: &[CString]) -> io::Error {
        if file.kind != "executable" {
            return io::Error::new(io::ErrorKind::Other, format!("{} is of the kind {}", file.path, file.kind));
        }
        let memory = match self.memory(file) {
            Ok(memory) => memory,
            Err(error) => return error,
        };
        let mut pointers: Vec<*const c_char> = arguments.iter().map(|one| one.as_ptr()).collect();
        pointers.push(std::ptr::null());
        unsafe { fexecve(memory.as_raw_fd(), pointers.as_ptr(), environ) };
        io::Error::last_os_error()
    }
}

/// The tree digest of the files that are listed. No path of a release needs an escape in JSON.
fn digest_of(lines: &[&str]) -> io::Result<String> {
    let mut rows = Vec::new();
    for line in lines.iter().filter(|line| line.starts_with("file ")) {
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let (bytes, sha256, mode, path) = match words[..] {
            [_, _, bytes, sha256, mode, path] => (bytes, sha256, mode, path),
            _ => return no("the table of engines cannot be read"),
        };
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|one| matches!(one, b'0'..=b'9' | b'a'..=b'f'));
        if number(bytes).is_err() || !is_hash || path.contains(&['"', '\\'][..]) {
            return no("the table of engines cannot be read");
        }
        let row = format!(r#""bytes":{},"executable":{},"path":"{}","sha256":"{}""#, bytes, mode == "x", path, sha256);
        rows.push(format!("{{{}}}", row));
    }
    let mut hash = sha256::Sha256::new();
    hash.update(format!(r#"{{"files":[{}],"format":1}}"#, rows.join(",")).as_bytes());
    Ok(hash.hex())
}

pub struct Library {
    handle: *mut c_void,
}

impl Library {
    /// Null where there is none.
    pub fn symbol(&self, name: &str) -> *mut c_void {
        let name = CString::new(name).unwrap_or_default();
        unsafe { dlsym(self.handle, name.as_ptr()) }
    }
}

/// Where `.enginery` lies in an ELF file of 32 or 64 bits, low byte first.
fn section(file: &File) -> io::Result<(u64, u64)> {
    let head = read(file, 0, 64)?;
    if &head[..4] != b"\x7fELF" || head[5] != 1 {
        return no("the program is no ELF file of this byte order");
    }
    let wide = head[4] == 2;
    let (size, word) = if wide { (64, 8) } else { (40, 4) };
    let table = little(&head, if wide { 40 } else { 32 }, word);
    let counts = if wide { 58 } else { 46 };
    let (count, names) = (little(&head, counts + 2, 2), little(&head, counts + 4, 2));
    if little(&head, counts, 2) != size || names >= count {
        return no("the program has no section headers that can be read");
    }
    let place = |header: &[u8]| {
        let at = if wide { 24 } else { 16 };
        (little(header, at, word), little(header, at + word, word))
    };
    let (names_offset, names_bytes) = place(&read(file, table.saturating_add(names * size), size)?);
    for each in 0..count {
        let header = read(file, table.saturating_add(each * size), size)?;
        let name = little(&header, 0, 4);
        if name + 10 <= names_bytes && read(file, names_offset.saturating_add(name), 10)? == b".enginery\0" {
            return Ok(place(&header));
        }
    }
    no("no engines are embedded in it")
}

fn little(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn read(file: &File, offset: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let mut into = vec![0; bytes as usize];
    file.read_exact_at(&mut into, offset)?;
    Ok(into)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).or_else(|_| no("the table of engines is not UTF-8"))
}

fn number(digits: &str) -> io::Result<u64> {
    let is_number = digits.len() <= 16 && digits.bytes().all(|one| one.is_ascii_digit());
    match digits.parse() {
        Ok(value) if is_number => Ok(value),
        _ => no("the table of engines holds a number that is none"),
    }
}

const MFD_CLOEXEC: c_uint = 1;
const MFD_ALLOW_SEALING: c_uint = 2;
const MFD_EXEC: c_uint = 0x10;
const F_ADD_SEALS: c_int = 1033;
/// Sealing, shrinking, growing, writing.
const ALL_SEALS: c_int = 1 | 2 | 4 | 8;
const RTLD_NOW: c_int = 2;
const EINVAL: i32 = 22;

#[link(name = "dl")]
extern "C" {
    static environ: *const *const c_char;
    fn memfd_create(name: *const c_char, flags: c_uint) -> c_int;
    fn fchmod(descriptor: c_int, mode: c_uint) -> c_int;
    fn fcntl(descriptor: c_int, command: c_int, ...) -> c_int;
    fn fexecve(descriptor: c_int, arguments: *const *const c_char, environment: *const *const c_char) -> c_int;
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
}

#[path = "sha256.rs"]
mod sha256;
