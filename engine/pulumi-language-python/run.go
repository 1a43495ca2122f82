package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// exitAfterMessage is the code with which pulumi-language-python-exec ends when it has already shown the user what
// went wrong.
const exitAfterMessage = 32

// Run executes a program until it ends. A program that fails is a response, not an error of the call.
func (h *host) Run(call context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if req.GetAttachDebugger() {
		return nil, status.Error(codes.Unimplemented,
			"--attach-debugger is not supported by this language host; call debugpy.listen() in the program instead")
	}
	ctx, done := both(call, h.work)
	defer done()

	tools, options, err := python(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	if failure, err := typecheck(ctx, tools, options); err != nil || failure != nil {
		return failure, err
	}

	cmd, err := tools.Command(ctx, append([]string{"-u", h.executor}, h.programArguments(req)...)...)
	if err != nil {
		return nil, err
	}
	config, err := configEnvironment(req.GetConfig(), req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	cmd.Dir = req.GetPwd()
	cmd.Env = append(environment(cmd), config...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	logging.V(5).Infof("running %v", cmd.Args) // no config value is ever in the arguments

	if err := start(cmd); err != nil {
		return nil, fmt.Errorf("cannot start the program with %s: %w", cmd.Path, err)
	}
	code, err := wait(cmd)
	if err != nil {
		return nil, fmt.Errorf("lost the program: %w", err)
	}
	if ctx.Err() != nil {
		return nil, status.Error(codes.Canceled, "the program was stopped because the operation was cancelled")
	}
	return outcome(code), nil
}

// outcome says what an exit code of the program means.
func outcome(code int) *pulumirpc.RunResponse {
	switch {
	case code == 0:
		return &pulumirpc.RunResponse{}
	case code == exitAfterMessage:
		return &pulumirpc.RunResponse{Bail: true}
	case code > 128:
		signal := syscall.Signal(code - 128)
		return &pulumirpc.RunResponse{Error: fmt.Sprintf(
			"the program was killed by signal %d (%s); if nobody did that on purpose, look for a lack of memory",
			signal, signal)}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program exited with code %d", code)}
	}
}

// programArguments is the command line of pulumi-language-python-exec.
func (h *host) programArguments(req *pulumirpc.RunRequest) []string {
	var arguments []string
	for _, flag := range []struct{ name, value string }{
		{"monitor", req.GetMonitorAddress()},
		{"engine", h.engine()},
		{"project", req.GetProject()},
		{"root_directory", req.GetInfo().GetRootDirectory()},
		{"stack", req.GetStack()},
		{"organization", req.GetOrganization()},
		{"pwd", req.GetPwd()},
		{"dry_run", strconv.FormatBool(req.GetDryRun())},
		{"parallel", strconv.Itoa(int(req.GetParallel()))},
		{"tracing", h.tracing},
	} {
		if flag.value != "" {
			arguments = append(arguments, "--"+flag.name, flag.value)
		}
	}
	program := req.GetInfo().GetEntryPoint()
	if program == "" {
		program = "."
	}
	return append(append(arguments, program), req.GetArgs()...)
}

// configEnvironment passes stack config in the environment, where other users cannot read it. Without any config
// the program still gets an empty object and an empty list: it parses what it finds.
func configEnvironment(config map[string]string, secretKeys []string) ([]string, error) {
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("cannot pass on the config: %w", err)
	}
	keys, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, fmt.Errorf("cannot pass on the names of secret config: %w", err)
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}

// typecheck runs the type checker that the project asks for. A response means that it found something.
func typecheck(
	ctx context.Context, tools toolchain.Toolchain, options toolchain.PythonOptions,
) (*pulumirpc.RunResponse, error) {
	module := map[string]string{"Mypy": "mypy", "Pyright": "pyright"}[toolchain.TypeCheckerName(options.Typechecker)]
	if module == "" {
		return nil, nil
	}
	cmd, err := tools.ModuleCommand(ctx, module, options.ProgramDir)
	if err != nil {
		return nil, err
	}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := start(cmd); err != nil {
		return nil, fmt.Errorf("cannot start the type checker %s: %w", module, err)
	}
	code, err := wait(cmd)
	if err != nil || code == 0 {
		return nil, err
	}
	return &pulumirpc.RunResponse{Error: fmt.Sprintf("%s found errors:\n%s", module, output.String())}, nil
}

// environment is what the command would start with.
func environment(cmd *exec.Cmd) []string {
	if cmd.Env != nil {
		return cmd.Env
	}
	return os.Environ()
}
