# What the platform needs of Google Cloud: datasets, a bucket for raw responses, and a service account that may use these
# and nothing else. docs/deploy.md says how it is applied.

terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.location
}

locals {
  datasets = {
    nba_raw            = "Rows of the sources, held against their contract"
    nba_analytics      = "Game summaries and what is known of the games to come"
    nba_precompute     = "Analyses by day"
    nba_predictions    = "Features, models, forecasts and grades"
    nba_assets         = "The ledger of built days, and rows that were set aside"
    nba_assets_scratch = "Staged rows, on their way into a table"
  }
}

resource "google_bigquery_dataset" "dataset" {
  for_each = local.datasets

  dataset_id                  = each.key
  description                 = each.value
  location                    = var.location
  default_table_expiration_ms = each.key == "nba_assets_scratch" ? 24 * 60 * 60 * 1000 : null
  delete_contents_on_destroy  = false
}

# Raw responses are written once and never changed.
resource "google_storage_bucket" "landing" {
  name                        = coalesce(var.landing_bucket, "${var.project}-nba-assets-landing")
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }
}

resource "google_service_account" "platform" {
  account_id   = "nba-assets"
  display_name = "nba_assets"
}

# To run queries and load jobs, and to read results through the Storage API.
resource "google_project_iam_member" "user" {
  project = var.project
  role    = "roles/bigquery.user"
  member  = google_service_account.platform.member
}

resource "google_bigquery_dataset_iam_member" "editor" {
  for_each = google_bigquery_dataset.dataset

  dataset_id = each.value.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.platform.member
}

resource "google_storage_bucket_iam_member" "reader" {
  bucket = google_storage_bucket.landing.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.platform.member
}

# To create objects, not to replace or delete them.
resource "google_storage_bucket_iam_member" "writer" {
  bucket = google_storage_bucket.landing.name
  role   = "roles/storage.objectCreator"
  member = google_service_account.platform.member
}
