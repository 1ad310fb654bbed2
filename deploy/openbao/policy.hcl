# What the application's AppRole may do: its own secrets, and nothing beside them. It deletes those of a tenant that is
# off-boarded, with every version: that is `delete` on the metadata. What it replaces is to be read by nobody any more:
# `update` on the metadata limits a secret to one version (without `create`, so that one which was just deleted does not
# come back empty), `destroy` removes the versions of a mount that keeps more.
path "secret/data/bizosaas/*" {
  capabilities = ["create", "read", "update"]
}
path "secret/metadata/bizosaas/*" {
  capabilities = ["list", "read", "update", "delete"]
}
path "secret/destroy/bizosaas/*" {
  capabilities = ["update"]
}
