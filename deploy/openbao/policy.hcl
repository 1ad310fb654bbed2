# What the application's AppRole may do: its own secrets, and nothing beside them.
path "secret/data/bizosaas/*" {
  capabilities = ["create", "read", "update"]
}
path "secret/metadata/bizosaas/*" {
  capabilities = ["list", "read"]
}
