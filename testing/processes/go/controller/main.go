// Runs the sealed-secrets controller on loopback: the real key registry, reconciliation and HTTP endpoint, with the
// in-memory API server of client-go. The real main requires a cluster, so its parts are assembled here; they are not
// exported, hence the linknames.
package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/bitnami-labs/sealed-secrets/pkg/apis/sealedsecrets/v1alpha1"
	sealedfake "github.com/bitnami-labs/sealed-secrets/pkg/client/clientset/versioned/fake"
	sealedinformers "github.com/bitnami-labs/sealed-secrets/pkg/client/informers/externalversions"
	"github.com/bitnami-labs/sealed-secrets/pkg/controller"
	flag "github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
)

const (
	namespace = "kube-system"
	keyPrefix = "sealed-secrets-key"
	keyLabel  = "sealedsecrets.bitnami.com/sealed-secrets-key"
	keyBits   = 4096
)

//go:linkname initKeyRegistry github.com/bitnami-labs/sealed-secrets/pkg/controller.initKeyRegistry
func initKeyRegistry(ctx context.Context, client kubernetes.Interface, r io.Reader, namespace, prefix, label string, keysize int, order string) (*controller.KeyRegistry, error)

//go:linkname initKeyRenewal github.com/bitnami-labs/sealed-secrets/pkg/controller.initKeyRenewal
func initKeyRenewal(ctx context.Context, registry *controller.KeyRegistry, period, validFor time.Duration, cutoff time.Time, cn, annotations, labels string) (func(), error)

//go:linkname getCert github.com/bitnami-labs/sealed-secrets/pkg/controller.(*KeyRegistry).getCert
func getCert(registry *controller.KeyRegistry) (*x509.Certificate, error)

//go:linkname httpserver github.com/bitnami-labs/sealed-secrets/pkg/controller.httpserver
func httpserver(cert func() ([]*x509.Certificate, error), verify func([]byte) (bool, error), rotate func([]byte) ([]byte, error), burst, rate int) *http.Server

func main() {
	// The in-memory API server does not support WatchList, and informers would wait for it (client-go 0.35).
	os.Setenv("KUBE_FEATURE_WatchListClient", "false")
	// Sets the controller's listen address from its flag: loopback.
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx := context.Background()
	cluster := fake.NewClientset()
	sealed := sealedfake.NewSimpleClientset()
	registry, err := initKeyRegistry(ctx, cluster, rand.Reader, namespace, keyPrefix, keyLabel, keyBits, "CertNotBefore")
	if err != nil {
		return err
	}
	if _, err := initKeyRenewal(ctx, registry, 0, 10*365*24*time.Hour, time.Time{}, "", "", ""); err != nil {
		return err
	}
	reconciler, err := controller.NewController(cluster, sealed,
		sealedinformers.NewSharedInformerFactory(sealed, 0),
		informers.NewSharedInformerFactory(cluster, 0), nil, registry, 5, "CertNotBefore")
	if err != nil {
		return err
	}
	go reconciler.Run(make(chan struct{}))
	certificate := func() ([]*x509.Certificate, error) {
		cert, err := getCert(registry)
		return []*x509.Certificate{cert}, err
	}
	httpserver(certificate, reconciler.AttemptUnseal, reconciler.Rotate, 100, 100)
	return serveCluster(ctx, cluster, sealed)
}

// serveCluster serves the part of an API server that the tests need: apply a SealedSecret, read a Secret.
func serveCluster(ctx context.Context, cluster kubernetes.Interface, sealed *sealedfake.Clientset) error {
	http.HandleFunc("POST /apply", func(w http.ResponseWriter, r *http.Request) {
		var object v1alpha1.SealedSecret
		if err := json.NewDecoder(r.Body).Decode(&object); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		objects := sealed.BitnamiV1alpha1().SealedSecrets(object.Namespace)
		if _, err := objects.Create(ctx, &object, metav1.CreateOptions{}); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	})
	http.HandleFunc("GET /secrets/{namespace}/{name}", func(w http.ResponseWriter, r *http.Request) {
		secret, err := cluster.CoreV1().Secrets(r.PathValue("namespace")).Get(ctx, r.PathValue("name"), metav1.GetOptions{})
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(secret)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, nil)
}
