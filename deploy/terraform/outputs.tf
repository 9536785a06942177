output "service_account" {
  description = "Whom Dagster's processes have to be"
  value       = google_service_account.platform.email
}

output "landing" {
  description = "Address of the landing zone"
  value       = google_storage_bucket.landing.url
}
