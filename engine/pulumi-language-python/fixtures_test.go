package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
)

// write makes a file with its folders and returns its path.
func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// newTestHost is a host whose executor is the given Python program instead of Pulumi's, so that these tests need
// no SDK: what the SDK makes of it is tested with the real engine.
func newTestHost(t *testing.T, executor string) *host {
	t.Helper()
	t.Setenv("PULUMI_PYTHON_CMD", "python3")
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	script := write(t, filepath.Join(t.TempDir(), "executor.py"), executor)
	return newHost(ctx, script, "127.0.0.1:1", "")
}

// program is what the engine says about a program in the folder.
func program(t *testing.T, folder string, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	given, err := structpb.NewStruct(options)
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.ProgramInfo{
		RootDirectory: folder, ProgramDirectory: folder, EntryPoint: ".", Options: given,
	}
}

// stream records what a RunPlugin call sends.
type stream struct {
	grpc.ServerStream
	ctx  context.Context
	out  *io.PipeWriter
	mu   sync.Mutex
	err  []byte
	code *int32
}

func (s *stream) Context() context.Context { return s.ctx }

func (s *stream) Send(r *pulumirpc.RunPluginResponse) error {
	switch output := r.GetOutput().(type) {
	case *pulumirpc.RunPluginResponse_Stdout:
		_, err := s.out.Write(output.Stdout)
		return err
	case *pulumirpc.RunPluginResponse_Stderr:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.err = append(s.err, output.Stderr...)
	case *pulumirpc.RunPluginResponse_Exitcode:
		s.code = &output.Exitcode
	}
	return nil
}
