//! The test's hand inside its guest: looks at processes and files, kills, fills a disk.
//!
//! A command is one line; the answer is a number of bytes on a line of its own, then as many bytes.

use crate::{port, prepare};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::{File, read, read_dir, read_link, read_to_string, remove_file},
    io::{self, BufRead, BufReader, Write},
    thread::sleep,
    time::Duration,
};

const LINE: &str = "cloison.hand";

/// How long it waits for somebody at the other end, where nobody is.
const ALONE: Duration = Duration::from_millis(100);

/// Answers commands, whoever sends them.
pub(crate) fn serve() -> io::Result<()> {
    let line = port::open(LINE)?;
    let mut answers = line.try_clone()?;
    let mut commands = BufReader::new(line);
    loop {
        let mut command = String::new();
        // Where nobody is at the other end, there is nothing to read.
        if commands.read_line(&mut command)? == 0 {
            sleep(ALONE);
            continue;
        }
        let answer = obey(command.trim_end()).unwrap_or_else(|error| format!("error {error}").into_bytes());
        answers.write_all(format!("{}\n", answer.len()).as_bytes())?;
        answers.write_all(&answer)?;
        answers.flush()?;
    }
}

fn obey(command: &str) -> io::Result<Vec<u8>> {
    let (what, with) = command.split_once(' ').unwrap_or((command, ""));
    match what {
        "ping" => Ok(b"here".to_vec()),
        "processes" => processes(),
        "kill" => kill(with),
        "list" => list(with),
        "read" => read(with),
        "fill" => fill(with),
        "remove" => remove_file(with).map(|()| Vec::new()),
        "load" => prepare::load(with, "").map(|()| Vec::new()),
        "sync" => {
            rustix::fs::sync();
            Ok(Vec::new())
        }
        _ => Err(io::Error::other("no such command")),
    }
}

/// Lists every process: number, user, program and arguments, kilobytes now and at most.
fn processes() -> io::Result<Vec<u8>> {
    let mut all = String::new();
    for entry in read_dir("/proc")?.filter_map(Result::ok) {
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        all.extend(process(number));
    }
    Ok(all.into_bytes())
}

fn process(number: u32) -> Option<String> {
    let told = read(format!("/proc/{number}/cmdline")).ok()?;
    let told = String::from_utf8_lossy(&told).replace('\0', " ");
    let status = read_to_string(format!("/proc/{number}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()).unwrap_or("0")
    };
    // Threads of the kernel have no program.
    read_link(format!("/proc/{number}/exe")).ok()?;
    Some(format!("{number} {} {} {} {told}\n", field("Uid:"), field("VmRSS:"), field("VmHWM:")))
}

fn kill(number: &str) -> io::Result<Vec<u8>> {
    let pid = number.parse().ok().and_then(Pid::from_raw).ok_or_else(|| io::Error::other("no such process"))?;
    kill_process(pid, Signal::KILL)?;
    Ok(Vec::new())
}

fn list(folder: &str) -> io::Result<Vec<u8>> {
    let mut names: Vec<String> = Vec::new();
    for entry in read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names.join("\n").into_bytes())
}

/// Writes a file until its disk is full, and tells how long it became.
fn fill(path: &str) -> io::Result<Vec<u8>> {
    let mut file = File::create(path)?;
    let mut long = 0_usize;
    for size in [1 << 20, 4096, 1] {
        let bytes = vec![0xAA; size];
        while let Ok(written) = file.write(&bytes) {
            long += written;
        }
    }
    file.sync_all()?;
    Ok(long.to_string().into_bytes())
}
