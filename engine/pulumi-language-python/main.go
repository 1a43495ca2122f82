// pulumi-language-python runs Python programs, policy packs and plugins for the Pulumi engine.
//
// The engine starts it with its own address as the last argument, reads a port from the first line of standard
// output and then calls the LanguageRuntime service there. Standard output and error of the program appear in
// the display of `pulumi up` because this process passes them through.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// engineCheckInterval bounds how long this process outlives an engine that was killed.
const engineCheckInterval = 2 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-python: %v\n", err)
		os.Exit(1)
	}
}

func serve() error {
	flags := flag.NewFlagSet("pulumi-language-python", flag.ExitOnError) // a set of its own: glog fills the common one
	tracing := flags.String("tracing", "", "send traces to this Zipkin-compatible endpoint")
	executor := flags.String("use-executor", "", "use this pulumi-language-python-exec")
	toStderr := flags.Bool("logtostderr", false, "log to standard error")
	verbosity := flags.Int("v", 0, "log verbosity")
	_ = flags.Parse(os.Args[1:]) // exits on an error
	logging.InitLogging(*toStderr, *verbosity, false)
	cmdutil.InitTracing("pulumi-language-python", "pulumi-language-python", *tracing)

	runner, err := findExecutor(*executor)
	if err != nil {
		return err
	}
	engineAddress := flags.Arg(0)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if engineAddress != "" {
		if err := rpcutil.Healthcheck(ctx, engineAddress, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("cannot watch the engine at %s: %w", engineAddress, err)
		}
	}

	host := newHost(ctx, runner, engineAddress, *tracing)
	quit := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: quit,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return fmt.Errorf("cannot serve the language runtime: %w", err)
	}
	fmt.Printf("%d\n", handle.Port)

	select {
	case err = <-handle.Done:
	case <-ctx.Done():
		// Children end first, so that the calls which wait for them can answer.
		close(quit)
		select {
		case err = <-handle.Done:
		case <-time.After(stopGrace + time.Second):
		}
		stopping.Wait()
	}
	return err
}

// findExecutor returns the script that starts a program: the given one, else the one that lies beside this
// binary, else the one on PATH.
func findExecutor(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	const name = "pulumi-language-python-exec"
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	found, err := exec.LookPath(name)
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return "", fmt.Errorf("%s lies neither beside this binary nor on PATH: %w", name, err)
	}
	return filepath.Abs(found)
}
