//! Codes between screens, paper and cameras: always pictures, read by the real reader.

use crate::stage::Stage;
use cloison_ceremony::Event;
use cloison_optics::{Density, Level, Luma, Symbol, read};
use cloison_protocol::{Assembly, FRAME_OVERHEAD, Fate, Transfer};
use cloison_screens::Sighted;

impl Stage {
    /// Holds a picture before the camera.
    pub(crate) fn sees(&mut self, picture: &Luma) {
        assert!(self.screen().camera, "nobody looks on {}", self.screen().view.name());
        self.ui.sight(&Sighted { preview: Some(picture), ..Sighted::default() });
        let codes = read(picture);
        assert!(!codes.is_empty(), "nothing is read");
        for code in codes {
            if self.screen().camera {
                self.handle(Event::Code(code));
            }
        }
    }

    /// Shows a message on another screen until it is read; every third frame is lost.
    pub(crate) fn is_shown(&mut self, message: &[u8]) {
        let density = Density::new(15, Level::L).unwrap();
        let transfer = Transfer::new(message, density.capacity() - FRAME_OVERHEAD).unwrap();
        let before = self.screen().view.name();
        for number in (0..500).filter(|number| number % 3 != 1) {
            let frame = Symbol::encode(&transfer.frame(number), density).unwrap();
            self.sees(&frame.picture(4));
            let screen = self.screen();
            assert!(screen.notice.is_none() || screen.view.name() != before, "{:?}", screen.notice);
            if !is_reading(&screen.view) {
                return;
            }
        }
        panic!("the message never arrives");
    }

    /// Reads the code that is on the screen, frame by frame, as a workstation does.
    pub(crate) fn message(&mut self) -> Vec<u8> {
        let mut assembly = Assembly::new();
        for _ in 0..300 {
            for code in read(&self.picture()) {
                if let Fate::Complete(message) = assembly.take(&code).unwrap() {
                    return message;
                }
            }
            assert!(self.ui.is_moving());
            self.ui.next_frame().unwrap();
        }
        panic!("the code of {} cannot be read", self.screen().view.name());
    }
}

/// Tells whether a message is being read that is not whole yet.
fn is_reading(view: &cloison_ceremony::View) -> bool {
    matches!(view, cloison_ceremony::View::Scan { progress: Some(_), .. })
}
