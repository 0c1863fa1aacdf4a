//! Archives: folders as ZIP files, and notebooks as Databricks keeps them among themselves (DBC).

use axum::body::Bytes;
use serde_json::{Value, json};

use super::{ApiError, Call, notebook_formats, workspace_export, workspace_import};
use crate::seed;
use crate::state::State;
use crate::state::tree::{self, Language, Node, NodeKind, Tree};

pub(crate) mod zip;

/// Tells a single notebook from a folder.
const MANIFEST: &str = "manifest.mf";

/// An object, or a folder with what is below it, and the extension of the archive.
pub(super) fn export(tree: &Tree, path: &str, format: &str) -> Result<(Bytes, String), ApiError> {
    let is_folder = tree.is_folder(path);
    let top =
        if is_folder { path.trim_end_matches('/') } else { tree::parent_of(path).trim_end_matches('/') };
    let inside = |path: &str| path.strip_prefix(top).unwrap_or(path).trim_start_matches('/').to_owned();
    let objects: Vec<(&str, &Node)> = match tree.get(path) {
        Some(node) if !is_folder => vec![(path, node)],
        _ => tree.below(path).filter(|(_, node)| !node.kind.is_folder()).collect(),
    };
    let mut files: Vec<(String, Bytes)> = Vec::new();
    if format == "DBC" {
        let kind = if is_folder { "folder" } else { "notebook" };
        files.push((MANIFEST.to_owned(), json!({"version": "Manifest1", "kind": kind}).to_string().into()));
    }
    for (path, node) in objects {
        match (&node.kind, format) {
            (NodeKind::Library, _) => {}
            (NodeKind::Notebook { language, content, .. }, "DBC") => {
                let name = format!("{}.{}", inside(path), language.name().to_lowercase());
                files.push((name, to_dbc(path, node.object_id, *language, content.bytes()).into()));
            }
            (_, "DBC") => {}
            (kind, _) => {
                let (bytes, extension) = workspace_export::content(path, node, format)?;
                let is_notebook = matches!(kind, NodeKind::Notebook { .. });
                let name = inside(path);
                let name = if is_notebook { format!("{name}.{extension}") } else { name };
                files.push((name, bytes));
            }
        }
    }
    let archive = zip::write(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_ref())));
    Ok((archive.into(), if format == "DBC" { "dbc" } else { "zip" }.to_owned()))
}

/// Whether bytes look like an archive.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Unpacks a DBC archive to a path that is not there yet.
pub(super) fn import(state: &mut State, call: &Call, path: &str, archive: &[u8]) -> Result<(), ApiError> {
    let wrong = || ApiError::invalid_parameter("The content is not a DBC archive.");
    let mut files = zip::read(archive).ok_or_else(wrong)?;
    let manifest = files.iter().position(|(name, _)| name == MANIFEST).map(|at| files.swap_remove(at).1);
    let manifest: Value = manifest.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let is_single = manifest.get("kind").and_then(Value::as_str) == Some("notebook");
    check_free(state, path)?;
    let notebooks = files
        .into_iter()
        .map(|(name, bytes)| {
            let (name, language) = name.rsplit_once('.').ok_or_else(wrong)?;
            let language = Language::parse(&language.to_uppercase()).ok_or_else(wrong)?;
            if has_odd_part(name) {
                return Err(wrong());
            }
            let place = if is_single { path.to_owned() } else { format!("{path}/{name}") };
            Ok((place, NodeKind::notebook(language, from_dbc(language, &bytes).ok_or_else(wrong)?)))
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    if !is_single {
        tree::make_directory(state, path);
    }
    unpack(state, call, notebooks)
}

/// Unpacks an archive of sources to a folder that is not there yet: what begins as a notebook does becomes one.
pub(super) fn import_source(
    state: &mut State,
    call: &Call,
    path: &str,
    archive: &[u8],
) -> Result<(), ApiError> {
    let wrong = || ApiError::invalid_parameter("The content is not a ZIP archive.");
    let files = zip::read(archive).ok_or_else(wrong)?;
    check_free(state, path)?;
    let objects = files
        .into_iter()
        .map(|(name, bytes)| {
            if has_odd_part(&name) {
                return Err(wrong());
            }
            workspace_import::recognise(format!("{path}/{name}"), bytes.into(), None)
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    tree::make_directory(state, path);
    unpack(state, call, objects)
}

fn check_free(state: &State, path: &str) -> Result<(), ApiError> {
    if state.tree.get(path).is_some() {
        return Err(ApiError::already_exists(format!("Path ({path}) already exists.")));
    }
    let parent = tree::parent_of(path);
    if !state.tree.is_folder(parent) {
        return Err(ApiError::does_not_exist(format!("The parent folder ({parent}) does not exist.")));
    }
    Ok(())
}

fn has_odd_part(name: &str) -> bool {
    name.split('/').any(|part| matches!(part, "" | "." | ".."))
}

fn unpack(state: &mut State, call: &Call, objects: Vec<(String, NodeKind)>) -> Result<(), ApiError> {
    for (place, kind) in objects {
        tree::make_directory(state, tree::parent_of(&place));
        workspace_import::put(state, call, &place, kind, false)?;
    }
    Ok(())
}

fn to_dbc(path: &str, object_id: i64, language: Language, content: &[u8]) -> String {
    let cells = notebook_formats::cells_of(language, &String::from_utf8_lossy(content));
    let commands: Vec<Value> = (1..)
        .zip(cells)
        .map(|(position, command)| {
            let guid = seed::of_text(&format!("{path}/{position}"));
            json!({
                "version": "CommandV1", "position": position, "command": command, "commandType": "auto",
                "state": "finished", "guid": format!("{guid:032x}"),
            })
        })
        .collect();
    let document = json!({
        "version": "NotebookV1",
        "origId": object_id,
        "name": path.rsplit('/').next(),
        "language": language.name().to_lowercase(),
        "commands": commands,
    });
    document.to_string()
}

fn from_dbc(language: Language, bytes: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let mut commands: Vec<(f64, String)> = document
        .get("commands")?
        .as_array()?
        .iter()
        .filter_map(|command| {
            Some((command.get("position")?.as_f64()?, command.get("command")?.as_str()?.to_owned()))
        })
        .collect();
    commands.sort_by(|left, right| left.0.total_cmp(&right.0));
    Some(notebook_formats::of_cells(language, commands.into_iter().map(|(_, command)| command)))
}
