//! As much of the ZIP format as exports and imports need: archives without encryption below 4 GiB.

use std::io::{self, Read};

use flate2::Crc;
use flate2::read::DeflateDecoder;

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const END_OF_DIRECTORY: u32 = 0x0605_4b50;
const END_BYTES: usize = 22;
const CENTRAL_BYTES: usize = 46;

/// Names are UTF-8.
const UTF_8: u16 = 0x0800;

/// Writes files uncompressed, in the order given.
pub(crate) fn write<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let (mut archive, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for (name, bytes) in files {
        let mut crc = Crc::new();
        crc.update(bytes);
        let at = archive.len() as u32;
        let mut common = Vec::new();
        for number in [20_u16, UTF_8, 0, 0, 0x21] {
            common.extend_from_slice(&number.to_le_bytes());
        }
        for number in [crc.sum(), bytes.len() as u32, bytes.len() as u32] {
            common.extend_from_slice(&number.to_le_bytes());
        }
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&0_u16.to_le_bytes());
        archive.extend_from_slice(&LOCAL_HEADER.to_le_bytes());
        archive.extend_from_slice(&common);
        archive.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(bytes);
        directory.extend_from_slice(&CENTRAL_HEADER.to_le_bytes());
        directory.extend_from_slice(&20_u16.to_le_bytes());
        directory.extend_from_slice(&common);
        // No comment, first disk, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        count += 1;
    }
    let (size, at) = (directory.len() as u32, archive.len() as u32);
    archive.extend_from_slice(&directory);
    archive.extend_from_slice(&END_OF_DIRECTORY.to_le_bytes());
    archive.extend_from_slice(&[0; 4]);
    archive.extend_from_slice(&count.to_le_bytes());
    archive.extend_from_slice(&count.to_le_bytes());
    archive.extend_from_slice(&size.to_le_bytes());
    archive.extend_from_slice(&at.to_le_bytes());
    archive.extend_from_slice(&[0; 2]);
    archive
}

/// The files of an archive by their names, folders left out; `None` when it is none.
pub(super) fn read(archive: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let last = archive.len().checked_sub(END_BYTES)?;
    let end = (0..=last).rev().find(|at| u32_at(archive, *at) == Some(END_OF_DIRECTORY))?;
    let (count, mut at) = (u16_at(archive, end + 10)?, u32_at(archive, end + 16)? as usize);
    let mut files = Vec::new();
    for _ in 0..count {
        if u32_at(archive, at)? != CENTRAL_HEADER {
            return None;
        }
        let method = u16_at(archive, at + 10)?;
        let (packed, size) = (u32_at(archive, at + 20)? as usize, u32_at(archive, at + 24)? as usize);
        let name_length = usize::from(u16_at(archive, at + 28)?);
        let more = usize::from(u16_at(archive, at + 30)?) + usize::from(u16_at(archive, at + 32)?);
        let local = u32_at(archive, at + 42)? as usize;
        let name = archive.get(at + CENTRAL_BYTES..at + CENTRAL_BYTES + name_length)?;
        let name = String::from_utf8_lossy(name).into_owned();
        let from = local
            + 30
            + usize::from(u16_at(archive, local + 26)?)
            + usize::from(u16_at(archive, local + 28)?);
        let stored = archive.get(from..from.checked_add(packed)?)?;
        if !name.ends_with('/') {
            files.push((name, unpack(stored, method, size).ok()?));
        }
        at += CENTRAL_BYTES + name_length + more;
    }
    Some(files)
}

fn unpack(stored: &[u8], method: u16, size: usize) -> io::Result<Vec<u8>> {
    match method {
        0 => Ok(stored.to_vec()),
        8 => {
            let mut bytes = Vec::new();
            // The announced size bounds what a forged archive can unpack to.
            DeflateDecoder::new(stored).take(size as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let files = [("a/one.py", b"print(1)".as_slice()), ("zwei ü", b"".as_slice())];
        let read = read(&write(files.into_iter())).unwrap_or_default();
        let wanted: Vec<_> = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        assert_eq!(read, wanted);
    }

    #[test]
    fn a_broken_archive_is_refused() {
        let archive = write([("a", b"1".as_slice())].into_iter());
        assert!(read(&archive[..archive.len() - 1]).is_none());
        assert!(read(b"PK").is_none());
        assert!(read(&[0; 64]).is_none());
    }
}
