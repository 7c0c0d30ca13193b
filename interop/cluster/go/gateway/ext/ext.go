// Package ext replaces an unpublished module of Traefik, with which custom builds extend its configuration. It adds nothing.
package ext

// HTTP extends the HTTP configuration.
type HTTP struct{}

// Router extends the configuration of a router.
type Router struct{}
