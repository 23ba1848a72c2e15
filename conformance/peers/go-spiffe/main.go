// A workload on go-spiffe, another implementation of SPIFFE. It prints lines of JSON:
// watch | verify | serve <client's id> | call <server's id> <target> <duration>
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	pb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"
)

type line map[string]any
type watcher struct{}

func say(what line) { json.NewEncoder(os.Stdout).Encode(what) }

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func (watcher) OnX509ContextWatchError(err error) { say(line{"error": err.Error()}) }
func (watcher) OnX509ContextUpdate(c *workloadapi.X509Context) {
	svid, roots := c.DefaultSVID(), line{}
	for _, bundle := range c.Bundles.Bundles() {
		roots[bundle.TrustDomain().Name()] = len(bundle.X509Authorities())
	}
	id, _, err := x509svid.Verify(svid.Certificates, c.Bundles)
	say(line{"id": id.String(), "serial": svid.Certificates[0].SerialNumber.Text(16), "roots": roots, "verified": fmt.Sprint(err)})
}

func verify() {
	var cases []struct{ Domain, Chain, Roots [][]byte }
	must(0, json.NewDecoder(os.Stdin).Decode(&cases))
	for _, each := range cases {
		domain := spiffeid.RequireTrustDomainFromString(string(each.Domain[0]))
		bundle := must(x509bundle.ParseRaw(domain, bytes.Join(each.Roots, nil)))
		id, _, err := x509svid.ParseAndVerify(each.Chain, bundle)
		say(line{"id": id.String(), "verified": fmt.Sprint(err)})
	}
}

func serve(client spiffeid.ID) {
	source := must(workloadapi.NewX509Source(context.Background()))
	named := func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		p, _ := peer.FromContext(ctx)
		say(line{"caller": must(x509svid.IDFromCert(p.AuthInfo.(credentials.TLSInfo).State.PeerCertificates[0])).String()})
		return next(ctx, r)
	}
	tls := grpc.Creds(credentials.NewTLS(tlsconfig.MTLSServerConfig(source, source, tlsconfig.AuthorizeID(client))))
	listener, server := must(net.Listen("tcp", "127.0.0.1:0")), grpc.NewServer(tls, grpc.UnaryInterceptor(named))
	pb.RegisterHealthServer(server, health.NewServer())
	say(line{"port": listener.Addr().(*net.TCPAddr).Port})
	must(0, server.Serve(listener))
}

func call(server spiffeid.ID, target string, length time.Duration) {
	source := must(workloadapi.NewX509Source(context.Background()))
	tls := credentials.NewTLS(tlsconfig.MTLSClientConfig(source, source, tlsconfig.AuthorizeID(server)))
	client := pb.NewHealthClient(must(grpc.NewClient(target, grpc.WithTransportCredentials(tls))))
	var err error
	answered, end := 0, time.Now().Add(length)
	for ; err == nil && (answered == 0 || time.Now().Before(end)); answered++ {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, err = client.Check(ctx, &pb.HealthCheckRequest{})
		cancel()
		time.Sleep(time.Millisecond)
	}
	say(line{"calls": answered, "error": fmt.Sprint(err)})
}

func main() {
	switch words := os.Args[1:]; words[0] {
	case "verify":
		verify()
	case "watch":
		must(0, workloadapi.WatchX509Context(context.Background(), watcher{}))
	case "serve":
		serve(spiffeid.RequireFromString(words[1]))
	case "call":
		call(spiffeid.RequireFromString(words[1]), words[2], must(time.ParseDuration(words[3])))
	}
}
