# What the application's AppRole may do: its own secrets, and nothing beside them. It deletes those of a tenant that is
# off-boarded, with every version: that is `delete` on the metadata.
path "secret/data/bizosaas/*" {
  capabilities = ["create", "read", "update"]
}
path "secret/metadata/bizosaas/*" {
  capabilities = ["list", "read", "delete"]
}
