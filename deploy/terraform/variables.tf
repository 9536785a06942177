variable "project" {
  description = "Project that holds the datasets and pays for the queries"
  type        = string
}

variable "location" {
  description = "Where datasets and bucket are, such as US or europe-west1; it cannot be changed later"
  type        = string
  default     = "US"
}

variable "landing_bucket" {
  description = "Name of the bucket for raw responses; by default that of the project with -nba-assets-landing"
  type        = string
  default     = null
}
