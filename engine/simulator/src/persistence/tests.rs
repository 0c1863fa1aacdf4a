use super::*;
use crate::state::tree::{Node, NodeKind};

fn workspace(files: &[(&str, usize)]) -> State {
    let mut state = State::new(1, "us-east-1", 1_795_000_000_000);
    for (name, size) in files {
        let object_id = state.next_number();
        let kind = NodeKind::file(vec![b'x'; *size]);
        state.tree.put(&format!("/{name}"), Node { object_id, created_ms: 0, modified_ms: 0, kind });
    }
    state
}

fn size_of(state: &State, path: &str) -> Option<usize> {
    match &state.tree.get(path)?.kind {
        NodeKind::File { content } => Some(content.bytes().len()),
        _ => None,
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn long_contents_are_written_once_and_come_back() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("state.json");
    let state = workspace(&[("long", 100_000), ("short", 10)]);
    save(&path, &state)?;
    save(&path, &state)?;
    assert_eq!(fs::metadata(contents::path_of(&path, 1))?.len(), 100_000);
    assert!(fs::metadata(&path)?.len() < 20_000);
    let again = load(&path)?.ok_or("nothing was stored")?;
    assert_eq!((size_of(&again, "/long"), size_of(&again, "/short")), (Some(100_000), Some(10)));
    Ok(())
}

#[test]
fn waste_is_left_behind_at_the_next_start() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("state.json");
    let mut state = workspace(&[("kept", 1_000), ("gone", 9_000)]);
    save(&path, &state)?;
    state.tree.remove("/gone");
    save(&path, &state)?;
    let again = load(&path)?.ok_or("nothing was stored")?;
    assert_eq!(again.contents_generation, 2);
    save(&path, &again)?;
    assert!(!contents::path_of(&path, 1).exists());
    assert_eq!(fs::metadata(contents::path_of(&path, 2))?.len(), 1_000);
    let third = load(&path)?.ok_or("nothing was stored")?;
    assert_eq!(size_of(&third, "/kept"), Some(1_000));
    Ok(())
}

#[test]
fn contents_of_a_forgotten_workspace_are_removed_and_missing_ones_are_told() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("state.json");
    save(&path, &workspace(&[("long", 1_000)]))?;
    fs::remove_file(contents::path_of(&path, 1))?;
    assert!(matches!(load(&path), Err(StateFileError::Contents { .. })));
    save(&path, &workspace(&[("long", 1_000)]))?;
    fs::remove_file(&path)?;
    assert!(load(&path)?.is_none());
    assert!(!contents::path_of(&path, 1).exists());
    Ok(())
}
