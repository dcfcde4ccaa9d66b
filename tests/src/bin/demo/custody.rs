//! What is kept elsewhere, and the vault that comes back from it on a blank appliance.

use crate::Demo;
use cloison_tests::{
    Result,
    desk::Desk,
    story::{Cards, carry_in, carry_out, text},
};
use std::path::Path;

impl Demo {
    /// Makes a backup, and takes out the log.
    pub(crate) fn keep(&mut self, desk: &mut Desk) -> Result<()> {
        let folder = self.folder.clone();
        let log = self.path("log.cloison");
        let said =
            self.tell("A backup is made, and the log is verified", "both cross as QR codes; the backup is encrypted", |demo| {
                desk.press("Manage")?.expect("manage")?;
                desk.press("Make a backup")?.expect("export")?;
                carry_out(desk, &demo.workstation, &folder.join("frames-backup"), &folder.join("backup.cloison"))?;
                desk.press("Done")?.expect("manage")?;
                desk.press("Show the log")?.expect("export")?;
                carry_out(desk, &demo.workstation, &folder.join("frames-log"), Path::new(&log))?;
                desk.press("Done")?.expect("manage")?;
                desk.press("Done")?.expect("desk")?;
                demo.workstation.does(&["log", "verify", &log]).map(|run| run.out)
            })?;
        said.lines().rev().take(3).collect::<Vec<_>>().into_iter().rev().for_each(|line| println!("        │ {line}"));
        Ok(())
    }

    /// Restores the vault from three cards, the descriptor and the backup.
    pub(crate) fn restore(&mut self, cards: &Cards) -> Result<()> {
        let folder = self.folder.clone();
        let said = self.tell(
            "The vault is restored on a blank appliance",
            "three cards, the descriptor and the backup; its quotas are zero until a quorum renews them",
            |demo| {
                let data = folder.join("vault-restored");
                let mut desk = Desk::start(&data)?;
                desk.press("Restore")?.expect("date")?;
                desk.press("Continue")?.expect("scan")?;
                carry_in(&demo.workstation, &mut desk, &folder.join("descriptor.cloison"), &folder.join("frames-in-1"), 40)?;
                carry_in(&demo.workstation, &mut desk, &folder.join("backup.cloison"), &folder.join("frames-in-2"), 40)?;
                let screen = cards.present_all(&mut desk, &[5, 4, 2])?.expect("restored")?;
                let said = screen.texts().into_iter().map(str::to_owned).collect::<Vec<_>>();
                desk.press("Done")?;
                desk.wait()?;
                let mut desk = Desk::start(&data)?;
                cards.open(&mut desk, &[1, 2, 3])?;
                desk.press("Manage")?.expect("manage")?;
                desk.press("Renew the quotas")?.expect("cards")?;
                cards.present_all(&mut desk, &[1, 2, 3])?.expect("manage")?;
                desk.press("Done")?.expect("desk")?;
                desk.press("Show the public keys")?.expect("export")?;
                let restored = folder.join("keys-restored.cloison");
                let words = desk.screen()?.words()?;
                carry_out(&mut desk, &demo.workstation, &folder.join("frames-restored"), &restored)?;
                demo.workstation.does(&["keys", "import", &text(&restored), "--words", &words])?;
                desk.press("Seal")?;
                desk.wait()?;
                Ok(said)
            },
        )?;
        said.iter().for_each(|line| println!("        │ {line}"));
        Ok(())
    }
}
