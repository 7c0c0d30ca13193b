// Package auth stands where Traefik has a fork of go-http-auth that the module proxy does not serve to everybody. It lets
// nobody in; no route of ours asks for a password.
package auth

import "net/http"

// SecretProvider is how Traefik tells the secret of a user.
type SecretProvider func(user, realm string) string

// BasicAuth is basic authentication.
type BasicAuth struct {
	Realm   string
	Secrets SecretProvider
}

// RequireAuth refuses.
func (*BasicAuth) RequireAuth(w http.ResponseWriter, _ *http.Request) { refuse(w) }

// CheckSecret says no.
func CheckSecret(_, _ string) bool { return false }

// DigestAuth is digest authentication.
type DigestAuth struct{}

// NewDigestAuthenticator makes one that knows nobody.
func NewDigestAuthenticator(string, SecretProvider) *DigestAuth { return &DigestAuth{} }

// CheckAuth finds nobody.
func (*DigestAuth) CheckAuth(*http.Request) (string, *string) { return "", nil }

// RequireAuth refuses.
func (*DigestAuth) RequireAuth(w http.ResponseWriter, _ *http.Request) { refuse(w) }

// RequireAuthStale refuses.
func (*DigestAuth) RequireAuthStale(w http.ResponseWriter, _ *http.Request) { refuse(w) }

// DigestAuthParams reads nothing.
func DigestAuthParams(string) map[string]string { return nil }

func refuse(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }
