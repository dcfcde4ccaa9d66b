//! A guest: QEMU with an image's kernel and initramfs, a screen, a finger and a camera.

use crate::{
    picture::Picture,
    qmp::Qmp,
    webcam::{Size, Webcam},
};
use cloison_tests::Result;
use serde_json::json;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The smaller of the two screens.
pub(crate) const SMALL_SCREEN: (usize, usize) = (800, 480);
/// Where the data partition is mounted.
pub(crate) const DATA: &str = "/data/store";
/// A touch.
const TOUCH: Duration = Duration::from_millis(60);
/// How long a process may take to be replaced by another.
const REPLACED: Duration = Duration::from_secs(5);

/// What a guest is made of.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) kernel: PathBuf,
    /// Read one after the other as one initramfs.
    pub(crate) initramfs: Vec<PathBuf>,
    pub(crate) command_line: String,
    /// How many points its panel has, across and down.
    pub(crate) screen: (usize, usize),
    /// The disks, as QEMU's `-drive` takes them, and whether one is a USB stick.
    pub(crate) disks: Vec<Disk>,
    /// Further options of QEMU.
    pub(crate) more: Vec<String>,
}

/// A disk of a guest.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    pub(crate) file: PathBuf,
    pub(crate) format: &'static str,
    pub(crate) usb: bool,
}

/// A running guest; it ends with this.
pub(crate) struct Guest {
    child: Child,
    pub(crate) qmp: Qmp,
    pub(crate) begun: Instant,
    folder: TempDir,
    screen: (usize, usize),
}

impl Guest {
    /// Starts a guest of QEMU's `virt` machine.
    pub(crate) fn start(parts: &Parts) -> Result<Self> {
        Self::begin(parts, &[])
    }

    /// Goes on with a guest of the same parts from where it was kept.
    pub(crate) fn start_from(parts: &Parts, kept: &Path) -> Result<Self> {
        let mut guest = Self::begin(parts, &["-incoming".to_owned(), format!("exec:cat {}", quoted(kept))])?;
        guest.status("query-status", "paused")?;
        guest.goes_on()?;
        Ok(guest)
    }

    fn begin(parts: &Parts, how: &[String]) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let initramfs = folder.path().join("initramfs");
        joined(&parts.initramfs, &initramfs)?;
        let mut command = Command::new("qemu-system-aarch64");
        command.args("-M virt -cpu cortex-a72 -smp 2 -m 1024 -nodefaults -display none -no-reboot".split(' '));
        command.arg("-kernel").arg(&parts.kernel).arg("-initrd").arg(&initramfs).args(["-append", &parts.command_line]);
        let (wide, high) = parts.screen;
        command.args(["-device", &format!("virtio-gpu-pci,xres={wide},yres={high}")]);
        command.args("-device virtio-tablet-pci -device virtio-rng-pci".split(' '));
        command.args("-device qemu-xhci,id=usb".split(' '));
        for (number, disk) in parts.disks.iter().enumerate() {
            let drive = format!("if=none,id=disk{number},file={},format={},cache=writeback", disk.file.display(), disk.format);
            let device = if disk.usb { "usb-storage,bus=usb.0" } else { "virtio-blk-pci" };
            command.args(["-drive", &drive, "-device", &format!("{device},drive=disk{number}")]);
        }
        let socket = |line: &str| format!("socket,id={line},path={},server=on,wait=off", folder.path().join(line).display());
        command.args(["-chardev", &socket("hand"), "-device", "virtio-serial-pci"]);
        command.args(["-device", "virtserialport,chardev=hand,name=cloison.hand"]);
        command.args(["-chardev", &socket("camera"), "-device", "usb-redir,chardev=camera,bus=usb.0"]);
        command.args(&parts.more).args(how);
        Self::run(command, folder, parts.screen)
    }

    /// Starts a guest of a board, from what is on its card.
    pub(crate) fn start_board(mut command: Command) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        command.args(["-display", "none", "-no-reboot"]);
        Self::run(command, folder, SMALL_SCREEN)
    }

    fn run(mut command: Command, folder: TempDir, screen: (usize, usize)) -> Result<Self> {
        let (socket, serial) = (folder.path().join("qmp"), folder.path().join("serial"));
        command.args(["-qmp", &format!("unix:{},server=on,wait=off", socket.display())]);
        command.args(["-serial", &format!("file:{}", serial.display())]);
        let errors = fs::File::create(folder.path().join("errors")).map_err(|error| error.to_string())?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
        let begun = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("QEMU does not start: {error}"))?;
        let qmp = loop {
            match Qmp::connect(&socket) {
                Ok(qmp) => break qmp,
                Err(error) => {
                    let ended = child.try_wait().ok().flatten();
                    if ended.is_some() || begun.elapsed() > Duration::from_secs(10) {
                        let said = fs::read_to_string(folder.path().join("errors")).unwrap_or_default();
                        let _ = child.kill();
                        return Err(format!("{error} {said}"));
                    }
                    sleep(Duration::from_millis(20));
                }
            }
        };
        Ok(Self { child, qmp, begun, folder, screen })
    }

    /// Puts a finger down at a place of the screen, or lifts it there.
    pub(crate) fn finger(&mut self, at: (usize, usize), down: bool) -> Result<()> {
        self.qmp.finger(at, self.screen, down)
    }

    /// Touches a place.
    pub(crate) fn tap(&mut self, at: (usize, usize)) -> Result<()> {
        self.finger(at, true)?;
        sleep(TOUCH);
        self.finger(at, false)
    }

    /// Takes a picture of the screen.
    pub(crate) fn look(&mut self) -> Result<Picture> {
        let file = self.folder.path().join("screen.ppm");
        self.qmp.does("screendump", json!({"filename": file}))?;
        Picture::from_ppm(&fs::read(&file).map_err(|error| error.to_string())?)
    }

    /// Looks again and again until a picture is as it should be; gives it and when it was so.
    pub(crate) fn look_until(
        &mut self,
        what: &str,
        longest: Duration,
        mut is_so: impl FnMut(&Picture) -> Result<bool>,
    ) -> Result<(Picture, Instant)> {
        let end = Instant::now() + longest;
        loop {
            let picture = self.look()?;
            let now = Instant::now();
            if is_so(&picture)? {
                return Ok((picture, now));
            }
            if now > end {
                return Err(format!("{what} does not come within {} s", longest.as_secs()));
            }
            // Looking takes from the same machine that the guest is computed on.
            sleep(Duration::from_millis(40));
        }
    }

    /// Gives what the guest wrote on its serial line.
    pub(crate) fn serial(&self) -> String {
        let bytes = fs::read(self.folder.path().join("serial")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Gives the hand inside the guest.
    pub(crate) fn hand(&self) -> Result<Hand> {
        let stream = connected(&self.folder.path().join("hand"), Duration::from_secs(60))?;
        let mut hand = Hand { from: BufReader::new(stream.try_clone().map_err(|error| error.to_string())?), to: stream };
        hand.ask("ping")?;
        Ok(hand)
    }

    /// Plugs the camera in.
    pub(crate) fn webcam(&self, size: Size) -> Result<Webcam> {
        let socket = self.folder.path().join("camera");
        Webcam::plug(UnixStream::connect(&socket).map_err(|error| format!("{}: {error}", socket.display()))?, size)
    }

    /// Keeps in a file what it is doing, and stands still from then on.
    pub(crate) fn keep(&mut self, file: &Path) -> Result<()> {
        self.qmp.does("stop", json!({}))?;
        self.qmp.does("migrate-set-parameters", json!({"max-bandwidth": 1_u64 << 32}))?;
        self.qmp.does("migrate", json!({"uri": format!("exec:cat > {}", quoted(file))}))?;
        self.status("query-migrate", "completed")
    }

    /// Goes on from where it stood still.
    pub(crate) fn goes_on(&mut self) -> Result<()> {
        self.qmp.does("cont", json!({})).map(drop)
    }

    /// Counts what was written to its disks since it started.
    pub(crate) fn written(&mut self) -> Result<u64> {
        let all = self.qmp.does("query-blockstats", json!({}))?;
        let count = |disk: &serde_json::Value| disk["stats"]["wr_operations"].as_u64();
        all.as_array().map(|disks| disks.iter().filter_map(count).sum()).ok_or_else(|| format!("QEMU counts {all}"))
    }

    /// Has its first disk take so many writes a second from now on, so that there is time between them.
    pub(crate) fn writes_slowly(&mut self, writes: u32) -> Result<()> {
        let limits = json!({"device": "disk0", "bps": 0, "bps_rd": 0, "bps_wr": 0, "iops": 0, "iops_rd": 0, "iops_wr": writes});
        self.qmp.does("block_set_io_throttle", limits).map(drop)
    }

    /// Waits until QEMU says that something is so.
    fn status(&mut self, query: &str, wanted: &str) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let told = self.qmp.does(query, json!({}))?;
            match told["status"].as_str() {
                Some(status) if status == wanted => return Ok(()),
                Some("failed") => return Err(format!("QEMU does not keep a guest: {told}")),
                _ if Instant::now() > end => return Err(format!("after a minute QEMU says {told}, not {wanted}")),
                _ => sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Tells whether it has ended by itself.
    pub(crate) fn is_off(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Cuts the power: the process is killed, and nothing that it holds in memory is written.
    pub(crate) fn cut(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a path for a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

fn connected(socket: &Path, longest: Duration) -> Result<UnixStream> {
    let stream = UnixStream::connect(socket).map_err(|error| format!("{}: {error}", socket.display()))?;
    stream.set_read_timeout(Some(longest)).map_err(|error| error.to_string())?;
    Ok(stream)
}

/// Puts files one after the other, each to a whole number of words, as the kernel reads them.
fn joined(parts: &[PathBuf], into: &Path) -> Result<()> {
    let mut all = Vec::new();
    for part in parts {
        all.extend(fs::read(part).map_err(|error| format!("{}: {error}", part.display()))?);
        all.resize(all.len().next_multiple_of(4), 0);
    }
    fs::write(into, all).map_err(|error| error.to_string())
}

/// The test's hand inside a guest.
pub(crate) struct Hand {
    from: BufReader<UnixStream>,
    to: UnixStream,
}

/// A process of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) number: u32,
    pub(crate) user: u32,
    /// Kilobytes in memory, now and at most.
    pub(crate) now: u32,
    pub(crate) most: u32,
    pub(crate) told: String,
}

impl Hand {
    /// Has a command done and gives the answer.
    pub(crate) fn ask(&mut self, command: &str) -> Result<String> {
        writeln!(self.to, "{command}").map_err(|error| format!("the hand is gone: {error}"))?;
        let mut size = String::new();
        self.from.read_line(&mut size).map_err(|error| format!("the hand does not answer {command:?}: {error}"))?;
        let size: usize = size.trim().parse().map_err(|_| format!("the hand answers {size:?}"))?;
        let mut answer = vec![0; size.min(1 << 20)];
        self.from.read_exact(&mut answer).map_err(|error| format!("the hand does not answer {command:?}: {error}"))?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        match answer.strip_prefix("error ") {
            Some(error) => Err(format!("{command}: {error}")),
            None => Ok(answer),
        }
    }

    /// Lists the guest's processes.
    pub(crate) fn processes(&mut self) -> Result<Vec<Process>> {
        let all = self.ask("processes")?;
        all.lines().map(|line| process(line).ok_or_else(|| format!("this is no process: {line}"))).collect()
    }

    /// Finds the process that was started with this argument, also one that is just replaced by another: a
    /// computed machine takes longer over some frames than its reader is given.
    pub(crate) fn process(&mut self, argument: &str) -> Result<Process> {
        let end = Instant::now() + REPLACED;
        let is_it = |process: &&Process| process.told.split(' ').any(|word| word.starts_with(argument));
        loop {
            let all = self.processes()?;
            match all.iter().rfind(is_it) {
                Some(found) => return Ok(found.clone()),
                None if Instant::now() > end => return Err(format!("no process was started with {argument}: {all:?}")),
                None => sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Kills the process that was started with this argument.
    pub(crate) fn kill(&mut self, argument: &str) -> Result<Process> {
        let end = Instant::now() + REPLACED;
        loop {
            let process = self.process(argument)?;
            match self.ask(&format!("kill {}", process.number)) {
                Ok(_) => return Ok(process),
                Err(error) if Instant::now() > end => return Err(error),
                Err(_) => {}
            }
        }
    }
}

fn process(line: &str) -> Option<Process> {
    let mut words = line.splitn(5, ' ');
    let mut number = || words.next()?.parse::<u32>().ok();
    let (number, user, now, most) = (number()?, number()?, number()?, number()?);
    Some(Process { number, user, now, most, told: words.next().unwrap_or_default().trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_its_numbers_and_words() {
        let told = process("17 1000 2048 4096 /cloison --kiosk --data /data/store ").unwrap();
        assert_eq!((told.number, told.user, told.now, told.most), (17, 1000, 2048, 4096));
        assert_eq!(told.told, "/cloison --kiosk --data /data/store");
        assert_eq!(process("17 1000 x 4096 /cloison"), None);
    }

    #[test]
    fn an_initramfs_is_joined_at_whole_words() {
        let folder = tempfile::tempdir().unwrap();
        let parts: Vec<PathBuf> = [("a", "12345"), ("b", "678")]
            .into_iter()
            .map(|(name, content)| {
                let path = folder.path().join(name);
                fs::write(&path, content).unwrap();
                path
            })
            .collect();
        let into = folder.path().join("all");
        joined(&parts, &into).unwrap();
        assert_eq!(fs::read(into).unwrap(), [&b"12345"[..], &[0; 3], b"678", &[0]].concat());
    }
}
