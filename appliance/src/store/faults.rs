//! Power cuts and failing writes, at every single operation of the database on its disk.

use super::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use redb::StorageBackend;
use std::{
    io::{Error, ErrorKind},
    sync::{Arc, Mutex},
};

/// A disk that keeps what was synced, and of the rest whatever it likes.
#[derive(Debug, Default)]
struct Platter {
    durable: Vec<u8>,
    seen: Vec<u8>,
    unsynced: Vec<Operation>,
    operations: usize,
    fault: Option<Fault>,
}

#[derive(Debug, Clone)]
enum Operation {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// What goes wrong, and at which operation.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// From this one on nothing works, until the next start.
    PowerCut(usize),
    /// This one fails, and those after it work.
    Once(usize),
}

impl Operation {
    fn apply(&self, disk: &mut Vec<u8>) {
        match self {
            Self::Length(length) => disk.resize(*length, 0),
            Self::Write(at, bytes) => {
                let end = at + bytes.len();
                if disk.len() < end {
                    disk.resize(end, 0);
                }
                disk[*at..end].copy_from_slice(bytes);
            }
        }
    }

    /// A write of which only the first part reached the disk.
    fn torn(&self, rng: &mut ChaCha20Rng) -> Self {
        match self {
            Self::Write(at, bytes) => {
                let part = rng.next_u64() as usize % (bytes.len() + 1);
                Self::Write(*at, bytes[..part].to_vec())
            }
            Self::Length(length) => Self::Length(*length),
        }
    }
}

impl Platter {
    fn count(&mut self) -> Result<(), Error> {
        let number = self.operations;
        self.operations += 1;
        let fails = match self.fault {
            Some(Fault::PowerCut(at)) => number >= at,
            Some(Fault::Once(at)) => number == at,
            None => false,
        };
        if fails { Err(Error::other("a fault")) } else { Ok(()) }
    }

    fn change(&mut self, operation: Operation) -> Result<(), Error> {
        self.count()?;
        operation.apply(&mut self.seen);
        self.unsynced.push(operation);
        Ok(())
    }

    /// What is there after a power cut: what was synced, and any part of what was not, torn or whole.
    fn restart(&mut self, rng: &mut ChaCha20Rng) {
        let mut disk = std::mem::take(&mut self.durable);
        for operation in std::mem::take(&mut self.unsynced) {
            match rng.next_u32() % 3 {
                0 => operation.apply(&mut disk),
                1 => operation.torn(rng).apply(&mut disk),
                _ => {}
            }
        }
        *self = Self { durable: disk.clone(), seen: disk, ..Self::default() };
    }
}

#[derive(Debug, Clone, Default)]
struct Disk(Arc<Mutex<Platter>>);

impl Disk {
    fn store(&self) -> Result<DiskStore, DatabaseError> {
        let disk = self.clone();
        DiskStore::over(move || Database::builder().create_with_backend(disk.clone()))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Platter) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    /// A copy with its own platter, on which something goes wrong.
    fn faulty(&self, fault: Fault) -> Self {
        let (durable, seen) = self.with(|platter| (platter.durable.clone(), platter.seen.clone()));
        Self(Arc::new(Mutex::new(Platter { durable, seen, fault: Some(fault), ..Platter::default() })))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.with(|platter| platter.seen.len() as u64))
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let at = offset as usize;
        self.with(|platter| {
            let bytes = platter.seen.get(at..at + out.len()).ok_or(Error::from(ErrorKind::UnexpectedEof))?;
            out.copy_from_slice(bytes);
            Ok(())
        })
    }
    fn set_len(&self, length: u64) -> Result<(), Error> {
        self.with(|platter| platter.change(Operation::Length(length as usize)))
    }
    fn sync_data(&self) -> Result<(), Error> {
        self.with(|platter| {
            platter.count()?;
            platter.durable = platter.seen.clone();
            platter.unsynced.clear();
            Ok(())
        })
    }
    fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        self.with(|platter| platter.change(Operation::Write(offset as usize, bytes.to_vec())))
    }
}

fn state(number: u8) -> Vec<u8> {
    vec![number; 9_000 + 5_000 * usize::from(number)]
}

/// A disk with some commits on it, shut down in order.
fn used() -> Disk {
    let disk = Disk::default();
    let mut store = disk.store().unwrap();
    (1..=3).for_each(|number| store.save(&state(number)).unwrap());
    drop(store);
    assert!(disk.with(|platter| platter.unsynced.is_empty()), "closing syncs");
    disk
}

/// Counts the operations of opening the store, one save, and closing it.
fn operations(used: &Disk) -> usize {
    let disk = used.faulty(Fault::Once(usize::MAX));
    let mut store = disk.store().unwrap();
    store.save(&state(4)).unwrap();
    drop(store);
    disk.with(|platter| platter.operations)
}

#[test]
fn a_power_cut_at_any_operation_leaves_the_old_state_or_the_new_one_whole() {
    let used = used();
    let (operations, mut kept) = (operations(&used), [0, 0]);
    for (at, seed) in (0..operations).flat_map(|at| (0..32).map(move |seed| (at, seed))) {
        let disk = used.faulty(Fault::PowerCut(at));
        let saved = disk.store().ok().map(|mut store| store.save(&state(4)).is_ok());
        disk.with(|platter| platter.restart(&mut ChaCha20Rng::from_seed([seed; 32])));
        let mut store = disk.store().unwrap();
        let found = store.load().unwrap().unwrap();
        assert!(found == state(3) || found == state(4), "cut {at}: {} bytes of {:?}", found.len(), found.first());
        if saved == Some(true) {
            assert_eq!(found, state(4), "cut {at}: a save that was answered is lost");
        }
        kept[usize::from(found == state(4))] += 1;
        store.save(&state(5)).unwrap();
        assert_eq!(store.load().unwrap().unwrap(), state(5), "cut {at}: the store goes on");
    }
    assert!(kept[0] > 100 && kept[1] > 100, "both outcomes are reached: {kept:?} over {operations} operations");
}

#[test]
fn one_failing_operation_is_survived_and_the_answer_is_true() {
    let used = used();
    let (operations, mut survived) = (operations(&used), 0);
    for at in 0..operations {
        let disk = used.faulty(Fault::Once(at));
        let Ok(mut store) = disk.store() else { continue };
        let saved = store.save(&state(4)).is_ok();
        let found = store.load().unwrap().unwrap();
        assert_eq!(found == state(4), saved, "operation {at}: the answer and the disk disagree");
        survived += usize::from(saved);
        store.save(&state(5)).unwrap();
        assert_eq!(store.load().unwrap().unwrap(), state(5), "operation {at}");
    }
    assert!(survived * 2 > operations, "{survived} of {operations} saves went through");
}
