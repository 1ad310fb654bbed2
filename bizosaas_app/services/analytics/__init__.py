"""Analytics: the success metrics, from rollups that the ledger keeps."""
