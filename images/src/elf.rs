//! As much of ELF as tells what a program or a kernel module is.

/// What is wrong with bytes that should be an ELF file; it says nothing more, since only the image's
/// own files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no 64-bit little-endian ELF file. Take the module from its package again")]
pub struct NotElf;

const MAGIC: &[u8] = b"\x7fELF\x02\x01";
const RELOCATABLE: u16 = 1;
const AARCH64: u16 = 183;
const INTERPRETER: u32 = 3;
const MOST_SECTIONS: usize = 4096;

/// One ELF file's bytes, whose header is one of 64 bits, little-endian.
#[derive(Debug, Clone, Copy)]
pub struct Elf<'a>(&'a [u8]);

impl<'a> Elf<'a> {
    /// Looks at the header.
    ///
    /// # Errors
    /// [`NotElf`] for anything else.
    pub fn new(bytes: &'a [u8]) -> Result<Self, NotElf> {
        if bytes.starts_with(MAGIC) && bytes.len() >= 64 { Ok(Self(bytes)) } else { Err(NotElf) }
    }

    /// Tells whether it is for arm64.
    #[must_use]
    pub fn is_arm64(self) -> bool {
        self.u16(18) == Some(AARCH64)
    }

    /// Tells whether it can be run, as opposed to linked (a kernel module is linked).
    #[must_use]
    pub fn runs(self) -> bool {
        self.u16(16) != Some(RELOCATABLE)
    }

    /// Tells whether it needs another program to load it and its libraries.
    #[must_use]
    pub fn needs_a_loader(self) -> bool {
        let Some((at, size, count)) = self.table(32, 54) else { return true };
        (0..count).any(|number| self.u32(at + number * size) == Some(INTERPRETER))
    }

    /// Finds a section's bytes by its name.
    #[must_use]
    pub fn section(self, name: &str) -> Option<&'a [u8]> {
        let (at, size, count) = self.table(40, 58)?;
        let names = self.content(at + self.u16(62)? as usize * size)?;
        (0..count.min(MOST_SECTIONS)).find_map(|number| {
            let section = at.checked_add(number * size)?;
            let found = names.get(self.u32(section)? as usize..)?.split(|byte| *byte == 0).next()?;
            if found == name.as_bytes() { self.content(section) } else { None }
        })
    }

    fn content(self, section: usize) -> Option<&'a [u8]> {
        let (offset, size) = (self.u64(section.checked_add(24)?)?, self.u64(section.checked_add(32)?)?);
        self.0.get(usize::try_from(offset).ok()?..)?.get(..usize::try_from(size).ok()?)
    }

    /// Where a table of headers is, the size of one, and how many.
    fn table(self, offset: usize, sizes: usize) -> Option<(usize, usize, usize)> {
        let at = usize::try_from(self.u64(offset)?).ok().filter(|at| *at <= self.0.len())?;
        Some((at, self.u16(sizes)? as usize, self.u16(sizes + 2)? as usize))
    }

    fn u16(self, at: usize) -> Option<u16> {
        self.number(at).map(u16::from_le_bytes)
    }

    fn u32(self, at: usize) -> Option<u32> {
        self.number(at).map(u32::from_le_bytes)
    }

    fn u64(self, at: usize) -> Option<u64> {
        self.number(at).map(u64::from_le_bytes)
    }

    fn number<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }
}

/// What a kernel module says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    /// The modules that it cannot be loaded without.
    pub depends: Vec<String>,
    /// The modules that it wants loaded before it.
    pub before: Vec<String>,
    /// The modules that it wants loaded after it.
    pub after: Vec<String>,
    /// What devices it drives, and other names it answers to.
    pub aliases: Vec<String>,
    /// Every symbol that it names; what it calls in the kernel is among them.
    pub symbols: Vec<String>,
}

impl Module {
    /// Reads what a module says about itself.
    ///
    /// # Errors
    /// [`NotElf`] when it is no ELF file, or none of a kernel module.
    pub fn read(bytes: &[u8]) -> Result<Self, NotElf> {
        let elf = Elf::new(bytes)?;
        let mut module = Self { symbols: texts(elf.section(".strtab").ok_or(NotElf)?), ..Self::default() };
        for line in texts(elf.section(".modinfo").ok_or(NotElf)?) {
            let Some((key, value)) = line.split_once('=') else { continue };
            match key {
                "depends" => module.depends.extend(value.split(',').filter(|name| !name.is_empty()).map(str::to_owned)),
                "softdep" => module.soft(value),
                "alias" => module.aliases.push(value.to_owned()),
                _ => {}
            }
        }
        Ok(module)
    }

    fn soft(&mut self, value: &str) {
        let mut after = false;
        for word in value.split_whitespace() {
            match word {
                "pre:" => after = false,
                "post:" => after = true,
                name if after => self.after.push(name.to_owned()),
                name => self.before.push(name.to_owned()),
            }
        }
    }
}

fn texts(section: &[u8]) -> Vec<String> {
    let texts = section.split(|byte| *byte == 0).filter(|text| !text.is_empty());
    texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}
