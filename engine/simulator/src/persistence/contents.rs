//! The contents of notebooks and files, in a file of their own beside the state file.
//!
//! The state file is written whole after every change; contents are not, because they are most of the bytes and
//! hardly ever change. They are only ever appended, and the state file names the places. A new generation of the
//! file begins when more than half of the old one is no longer needed.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use axum::body::Bytes;

use crate::state::State;
use crate::state::blob::{Blob, Place};

/// Shorter contents stay in the state file.
const INLINE_BYTES: usize = 256;

/// The file of one generation: `state.json` has `state.json.contents.1`.
pub(super) fn path_of(state_file: &Path, generation: u64) -> PathBuf {
    let mut name = state_file.as_os_str().to_owned();
    name.push(format!(".contents.{generation}"));
    PathBuf::from(name)
}

/// Appends what is not stored yet.
pub(super) fn append(state_file: &Path, state: &State) -> io::Result<()> {
    let mut new = state.blobs().filter(|blob| blob.len() > INLINE_BYTES && blob.place().is_none()).peekable();
    if new.peek().is_none() {
        return Ok(());
    }
    let file =
        OpenOptions::new().create(true).append(true).open(path_of(state_file, state.contents_generation))?;
    let mut at = file.metadata()?.len();
    let mut writer = BufWriter::new(&file);
    let mut places = Vec::new();
    for blob in new {
        let place = Place { at, size_bytes: blob.len() as u64 };
        writer.write_all(blob.bytes())?;
        at += place.size_bytes;
        places.push((blob, place));
    }
    writer.flush()?;
    // Only what has been written is promised to be there.
    places.into_iter().for_each(|(blob, place)| blob.is_stored_at(place));
    Ok(())
}

/// Gives every blob its bytes, and begins a new generation when the file has become mostly waste.
pub(super) fn resolve(state_file: &Path, state: &mut State) -> io::Result<()> {
    let path = path_of(state_file, state.contents_generation);
    let needed: u64 = state.blobs().filter_map(Blob::place).map(|place| place.size_bytes).sum();
    if needed == 0 {
        return remove_others(state_file, state.contents_generation);
    }
    let stored = Bytes::from(fs::read(&path)?);
    let is_mostly_waste = stored.len() as u64 > 2 * needed;
    if is_mostly_waste {
        state.contents_generation += 1;
    }
    for blob in state.blobs_mut() {
        let Some(place) = blob.place() else { continue };
        let bytes = slice(&stored, place).ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        // What moves to the next generation is copied, so that the old one can be let go of.
        *blob = if is_mostly_waste {
            Blob::new(Bytes::copy_from_slice(&bytes))
        } else {
            Blob::stored(bytes, place)
        };
    }
    Ok(())
}

fn slice(stored: &Bytes, place: Place) -> Option<Bytes> {
    let from = usize::try_from(place.at).ok()?;
    let to = from.checked_add(usize::try_from(place.size_bytes).ok()?)?;
    (to <= stored.len()).then(|| stored.slice(from..to))
}

/// Removes every generation but one: those before it, and those that no state file names.
pub(super) fn remove_others(state_file: &Path, generation: u64) -> io::Result<()> {
    let folder = state_file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Some(name) = state_file.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let prefix = format!("{name}.contents.");
    let entries = match fs::read_dir(folder.unwrap_or(Path::new("."))) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let found = entry.file_name();
        let number = found.to_str().and_then(|name| name.strip_prefix(&prefix)?.parse::<u64>().ok());
        if number.is_some_and(|number| number != generation) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
