//! A machine with a disk in memory, for whatever holds a kiosk in its own process.

use crate::support::{NOW, about};
use cloison_appliance::{Booted, CardPrinter, Clock, Hardware, HardwareError, Store, entropy};
use cloison_ceremony::{EntropyInputs, NoPlace};
use cloison_eye::viewer::{Content, Limits, ViewError};
use cloison_protocol::{Alarm, bounded::Line};
use zeroize::Zeroizing;

/// A machine with a disk in memory.
pub(crate) struct Machine(pub(crate) Option<Vec<u8>>);

impl Hardware for Machine {
    fn program(&self) -> Line<64> {
        about().program.name
    }

    fn booted(&self) -> Booted {
        Booted::Nothing
    }

    fn is_training(&self) -> bool {
        false
    }

    fn no_place(&self) -> Option<NoPlace> {
        None
    }
    fn watch(&mut self) -> Vec<Alarm> {
        Vec::new()
    }
    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError> {
        entropy::gather(Zeroizing::default())
    }
    fn store(&mut self) -> &mut dyn Store {
        self
    }
    fn clock(&self) -> &dyn Clock {
        self
    }
    fn printer(&mut self) -> Option<&mut dyn CardPrinter> {
        None
    }
    fn view(&mut self, _: &[u8], _: &Limits) -> Result<Content, ViewError> {
        Err(ViewError::Died)
    }
}

impl Clock for Machine {
    fn now(&self) -> u64 {
        NOW
    }
}

impl Store for Machine {
    fn load(&mut self) -> Result<Option<Vec<u8>>, HardwareError> {
        Ok(self.0.clone())
    }
    fn save(&mut self, bytes: &[u8]) -> Result<(), HardwareError> {
        self.0 = Some(bytes.to_vec());
        Ok(())
    }
    fn erase(&mut self) -> Result<(), HardwareError> {
        self.0 = None;
        Ok(())
    }
}
