use super::*;

fn tree(paths: &[&str]) -> Tree {
    let mut tree = Tree::default();
    for (number, path) in (1..).zip(paths) {
        let kind = if path.ends_with("file") { NodeKind::file(vec![0; 4]) } else { NodeKind::Directory };
        tree.put(path, Node { object_id: number, created_ms: 0, modified_ms: 0, kind });
    }
    tree
}

#[test]
fn ids_lead_to_paths_until_the_object_is_gone() -> Result<(), serde_json::Error> {
    let mut tree = tree(&["/", "/a", "/a/file", "/b"]);
    assert_eq!(tree.find(3).map(|(path, _)| path), Some("/a/file"));
    assert_eq!(tree.remove("/a").len(), 2);
    assert!(tree.find(2).is_none() && tree.find(3).is_none());
    let replacement = Node { object_id: 9, created_ms: 0, modified_ms: 0, kind: NodeKind::Directory };
    tree.put("/b", replacement);
    assert!(tree.find(4).is_none(), "another object has taken its place");
    let again: Tree = serde_json::from_str(&serde_json::to_string(&tree)?)?;
    assert_eq!(again.find(9).map(|(path, _)| path), Some("/b"));
    Ok(())
}
