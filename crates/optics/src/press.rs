//! Makes many symbols of one density, each in a fraction of the time that the first one takes.
//!
//! Where each bit of data goes, what the fixed patterns are and what the mask does is the same for
//! every symbol of a density. It is asked of the `qrcode` crate once, by drawing the numbers of the
//! bits themselves; after that a symbol is the empty one with the modules of its bits turned.

use crate::symbol::{self, Density, Symbol, SymbolError};

/// Makes symbols of one density.
pub struct Press {
    density: Density,
    /// The symbol of nothing but zeros.
    empty: Symbol,
    /// For each bit, in the order of the code words, the module that it turns.
    modules: Vec<u16>,
}

impl Press {
    /// Prepares a density; this takes as long as some twenty symbols.
    ///
    /// # Errors
    /// The `qrcode` crate does not know the density, which no checked one is.
    pub fn new(density: Density) -> Result<Self, SymbolError> {
        let count = symbol::code_words(&[0], density)?.len();
        let zeros = vec![0; count];
        let empty = symbol::drawn(&zeros, density);
        let mut modules = vec![0_u16; count * 8];
        // Which numbers have a bit set is drawn bit by bit: a module that turns belongs to one of them.
        let mut numbers = vec![0_u16; empty.modules().pow(2) as usize];
        for bit in 0..u16::BITS {
            let words: Vec<u8> =
                (0..count).map(|word| (0..8).fold(0, |byte, at| byte << 1 | has_bit(8 * word + at, bit))).collect();
            if words == zeros {
                continue;
            }
            for (number, turned) in numbers.iter_mut().zip(empty.turned(&symbol::drawn(&words, density))) {
                *number |= u16::from(turned) << bit;
            }
        }
        for (module, number) in (0..).zip(&numbers) {
            // Numbers begin with 1, so that 0 is a module without data.
            if let Some(place) = usize::from(*number).checked_sub(1).and_then(|number| modules.get_mut(number)) {
                *place = module;
            }
        }
        Ok(Self { density, empty, modules })
    }

    /// Gives the density.
    pub fn density(&self) -> Density {
        self.density
    }

    /// Encodes bytes as [`Symbol::encode`] does, to the same symbol.
    ///
    /// # Errors
    /// There are no bytes, or more than [`Density::capacity`].
    pub fn symbol(&self, data: &[u8]) -> Result<Symbol, SymbolError> {
        let words = symbol::code_words(data, self.density)?;
        let mut symbol = self.empty.clone();
        for (word, modules) in words.iter().zip(self.modules.chunks_exact(8)) {
            for (at, module) in modules.iter().enumerate() {
                if word << at & 0x80 != 0 {
                    symbol.turn(*module);
                }
            }
        }
        Ok(symbol)
    }
}

/// Tells whether the number of a bit, counted from 1, has a bit set.
fn has_bit(number: usize, bit: u32) -> u8 {
    u8::from((number + 1) >> bit & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;
    use proptest::prelude::*;

    #[test]
    fn every_density_is_pressed_as_it_is_encoded() {
        for version in 1..=40 {
            for level in [Level::L, Level::M, Level::Q, Level::H] {
                let density = Density::new(version, level).unwrap();
                let press = Press::new(density).unwrap();
                let data: Vec<u8> = (0..density.capacity()).map(|at| (at * 73 + usize::from(version)) as u8).collect();
                for part in [&data[..], &data[..1], &data[..data.len() / 2]] {
                    assert!(press.symbol(part).unwrap() == Symbol::encode(part, density).unwrap(), "{version} {level:?}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_as_it_is_there() {
        let density = Density::new(3, Level::M).unwrap();
        let press = Press::new(density).unwrap();
        for data in [vec![], vec![1; density.capacity() + 1]] {
            assert_eq!(press.symbol(&data).unwrap_err(), Symbol::encode(&data, density).unwrap_err());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_pressed_as_they_are_encoded(data in prop::collection::vec(any::<u8>(), 1..250)) {
            let density = Density::smallest_for(data.len(), Level::M).unwrap();
            prop_assert!(Press::new(density).unwrap().symbol(&data).unwrap() == Symbol::encode(&data, density).unwrap());
        }
    }
}
