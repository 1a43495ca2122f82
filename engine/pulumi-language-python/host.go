package main

import (
	"context"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host answers the engine. One host serves one engine process, possibly for several programs in a row.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	alive    context.Context // ends when this process shall end; ends programs and plugins
	executor string          // path of pulumi-language-python-exec
	tracing  string

	mu            sync.Mutex
	engineAddress string
	work          context.Context // ends on Cancel; ends programs and installations, not plugins
	cancelWork    context.CancelFunc
}

func newHost(alive context.Context, executor, engineAddress, tracing string) *host {
	work, cancel := context.WithCancel(alive)
	return &host{
		alive: alive, executor: executor, engineAddress: engineAddress, tracing: tracing,
		work: work, cancelWork: cancel,
	}
}

// Handshake tells the host where the engine is, when it was not told on the command line.
func (h *host) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if address := req.GetEngineAddress(); address != "" {
		h.engineAddress = address
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo reports the version of the SDK that this host was built from.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// Cancel stops the running program and installations. Plugins go on: the engine ends each of them itself after
// their operations have finished, and a provider killed in the middle of one would leave a half-made resource.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancelWork()
	return &emptypb.Empty{}, nil
}

// engine returns the engine's address.
func (h *host) engine() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.engineAddress
}

// both returns a context that ends with the call or with the scope, whichever ends first.
func both(call, scope context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(call)
	stop := context.AfterFunc(scope, func() { cancel(context.Cause(scope)) })
	return ctx, func() { stop(); cancel(nil) }
}
