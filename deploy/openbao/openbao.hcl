# OpenBao (speaks Vault's API) on one node. It stays inside the internal network; give it TLS where that network is not
# yours alone. Initialise and unseal it once by hand: see the guide for operators.
storage "raft" {
  path    = "/openbao/file"
  node_id = "one"
}
listener "tcp" {
  address     = "0.0.0.0:8200"
  tls_disable = true
}
api_addr     = "http://vault:8200"
cluster_addr = "http://vault:8201"
ui           = false
