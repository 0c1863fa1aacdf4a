//! What is true of every plan, whatever the two workspaces, the ledger and the settings of the group look like.
