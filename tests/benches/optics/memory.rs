//! What receiving 1 MB takes in memory, told by the kernel of a process that does nothing else.

use crate::table::{Goal, Table};
use cloison_protocol::{Assembly, FRAME_OVERHEAD, Fate, Transfer};
use cloison_tests::light::Dice;
use std::io::{BufReader, Read, Write};
use std::process::{Command, Stdio};

/// The argument that makes this program the receiver.
pub(crate) const ROLE: &str = "receive-and-tell-memory";

const PAYLOAD: usize = 1_000_000;

pub(crate) fn measure(table: &mut Table, seed: u64) {
    for (name, frame, goal) in [("memory", 1465, true), ("memory-small", 271, false)] {
        let megabytes = peak(frame, seed) as f64 / 1024.0;
        let what = format!("peak memory to receive 1 MB in frames of {frame} bytes, MB above idle");
        let remark = "without the pictures, which the reader process has";
        if goal {
            table.goal(name, &what, megabytes, Goal::AtMost(8.0), remark);
        } else {
            table.tell(name, &what, megabytes, remark);
        }
    }
}

/// Sends frames with 30 % of them lost, and gives what the receiver says in kilobytes.
fn peak(frame: usize, seed: u64) -> u64 {
    let mut dice = Dice::new(seed);
    let payload: Vec<u8> = (0..PAYLOAD).map(|_| dice.roll() as u8).collect();
    let transfer = Transfer::new(&payload, frame - FRAME_OVERHEAD).unwrap();
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program).arg(ROLE).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for number in (0..).filter(|_| !dice.chance(0.3)) {
        let bytes = transfer.frame(number);
        let sent = stdin.write_all(&(bytes.len() as u16).to_le_bytes()).and_then(|()| stdin.write_all(&bytes));
        if sent.is_err() {
            break;
        }
    }
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success());
    said.trim().parse().unwrap()
}

/// Receives until the payload is complete, and says how much more memory that took at its peak.
pub(crate) fn receive() {
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut next = || {
        let mut length = [0; 2];
        input.read_exact(&mut length).unwrap();
        let mut bytes = vec![0; u16::from_le_bytes(length).into()];
        input.read_exact(&mut bytes).unwrap();
        bytes
    };
    let first = next();
    // Sets the peak back to what is in use (proc(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let idle = status("VmRSS:");
    let mut assembly = Assembly::new();
    let mut fate = assembly.take(&first).unwrap();
    while !matches!(fate, Fate::Complete(_)) {
        fate = assembly.take(&next()).unwrap();
    }
    println!("{}", status("VmHWM:").saturating_sub(idle));
}

/// Reads a number of this process, in kilobytes.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
