// Package ext holds the two places where builds of others add to Traefik's configuration. Traefik keeps it in a module of its
// own that nobody publishes; this one adds nothing.
package ext

// HTTP is what is added to all of HTTP.
type HTTP struct{}

// Router is what is added to each router.
type Router struct{}
