//! The store on disk: one row in a crash-safe database.

use crate::hardware::{HardwareError, Store};
use redb::{Database, DatabaseError, ReadableDatabase, TableDefinition, TableError};
use std::path::Path;

#[cfg(test)]
mod faults;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("cloison");
const ROW: &str = "vault";

/// A store in a file of the data folder. A commit is on disk wholly or not at all, and two
/// programs cannot have it open at once.
pub struct DiskStore {
    open: Box<dyn Fn() -> Result<Database, DatabaseError> + Send>,
    database: Option<Database>,
}

impl DiskStore {
    /// Opens `vault.redb` in `folder`, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// [`HardwareError::Store`].
    pub fn open(folder: &Path) -> Result<Self, HardwareError> {
        let path = folder.join("vault.redb");
        private(&path).map_err(|error| HardwareError::Store(error.into()))?;
        Self::over(move || Database::create(&path)).map_err(failed)
    }

    fn over(open: impl Fn() -> Result<Database, DatabaseError> + Send + 'static) -> Result<Self, DatabaseError> {
        let database = open()?;
        Ok(Self { open: Box::new(open), database: Some(database) })
    }

    /// Gives the database, opened again where an earlier failure had it closed.
    fn database(&mut self) -> Result<&Database, redb::Error> {
        let database = match self.database.take() {
            Some(database) => database,
            None => (self.open)()?,
        };
        Ok(self.database.insert(database))
    }

    fn read(&mut self) -> Result<Option<Vec<u8>>, redb::Error> {
        let table = match self.database()?.begin_read()?.open_table(TABLE) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            table => table?,
        };
        Ok(table.get(ROW)?.map(|row| row.value().to_vec()))
    }

    fn write(&mut self, bytes: Option<&[u8]>) -> Result<(), redb::Error> {
        let transaction = self.database()?.begin_write()?;
        match bytes {
            Some(bytes) => drop(transaction.open_table(TABLE)?.insert(ROW, bytes)?),
            None => drop(transaction.open_table(TABLE)?.remove(ROW)?),
        }
        Ok(transaction.commit()?)
    }

    /// Writes, and after a failure finds out what is on disk: the database answers nothing more
    /// once an operation failed, and a commit whose last step failed may be there all the same.
    fn settle(&mut self, bytes: Option<&[u8]>) -> Result<(), HardwareError> {
        let Err(first) = self.write(bytes) else { return Ok(()) };
        self.database = None;
        match self.read() {
            Ok(found) if found.as_deref() == bytes => Ok(()),
            Ok(_) => self.write(bytes).map_err(|error| {
                self.database = None;
                failed(error)
            }),
            Err(_) => Err(failed(first)),
        }
    }
}

impl Store for DiskStore {
    fn load(&mut self) -> Result<Option<Vec<u8>>, HardwareError> {
        self.read().map_err(failed)
    }

    fn save(&mut self, bytes: &[u8]) -> Result<(), HardwareError> {
        self.settle(Some(bytes))
    }

    fn erase(&mut self) -> Result<(), HardwareError> {
        self.settle(None)
    }
}

fn failed(error: impl Into<redb::Error>) -> HardwareError {
    HardwareError::Store(Box::new(error.into()))
}

/// Makes the file with narrow permissions before the database opens it.
fn private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = DiskStore::open(folder.path()).unwrap();
        assert_eq!(store.load().unwrap(), None);
        store.save(b"first").unwrap();
        store.save(&[7; 100_000]).unwrap();
        drop(store);
        assert_eq!(DiskStore::open(folder.path()).unwrap().load().unwrap(), Some(vec![7; 100_000]));
    }

    #[test]
    fn what_was_erased_is_gone_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = DiskStore::open(folder.path()).unwrap();
        store.save(b"a rehearsal").unwrap();
        store.erase().unwrap();
        assert_eq!(store.load().unwrap(), None);
        drop(store);
        assert_eq!(DiskStore::open(folder.path()).unwrap().load().unwrap(), None);
    }

    #[test]
    fn a_second_program_cannot_open_it_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let _first = DiskStore::open(folder.path()).unwrap();
        assert!(DiskStore::open(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let _store = DiskStore::open(folder.path()).unwrap();
        let mode = std::fs::metadata(folder.path().join("vault.redb")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn something_else_in_its_place_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vault.redb"), b"not a database").unwrap();
        assert!(DiskStore::open(folder.path()).is_err());
    }
}
