package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"

	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunPlugin runs a provider or a policy pack until it ends or the engine hangs up, streaming its output.
func (h *host) RunPlugin(
	req *pulumirpc.RunPluginRequest, server grpc.ServerStreamingServer[pulumirpc.RunPluginResponse],
) error {
	if req.GetAttachDebugger() {
		return status.Error(codes.Unimplemented, "attaching a debugger is not supported by this language host")
	}
	ctx, done := both(server.Context(), h.alive)
	defer done()

	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }()

	tools, _, err := python(ctx, req.GetInfo())
	if err != nil {
		return err
	}
	var code int
	if req.GetKind() == "analyzer" {
		code, err = h.runPolicyPack(ctx, req, tools, stdout, stderr)
	} else {
		code, err = runProvider(ctx, req, tools, stdout, stderr)
	}
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	return server.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}, //nolint:gosec // exit codes are small
	})
}

// runProvider runs the plugin's folder as a Python program.
func runProvider(
	ctx context.Context, req *pulumirpc.RunPluginRequest, tools toolchain.Toolchain, stdout, stderr io.Writer,
) (int, error) {
	arguments := append([]string{"-u", req.GetInfo().GetProgramDirectory()}, req.GetArgs()...)
	cmd, err := tools.Command(ctx, arguments...)
	if err != nil {
		return -1, err
	}
	cmd.Dir = req.GetPwd()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := pluginEnvironment(ctx, cmd, tools, req.GetEnv()); err != nil {
		return -1, err
	}
	if err := start(cmd); err != nil {
		return -1, fmt.Errorf("cannot start the plugin in %s: %w", req.GetInfo().GetProgramDirectory(), err)
	}
	return wait(cmd)
}

// runPolicyPack runs `python -m pulumi.policy` in the pack's folder. The pack reads stack and config from its
// environment, which the engine tells only after it has connected: the proxy answers the engine until then.
func (h *host) runPolicyPack(
	ctx context.Context, req *pulumirpc.RunPluginRequest, tools toolchain.Toolchain, stdout, stderr io.Writer,
) (int, error) {
	folder := req.GetInfo().GetProgramDirectory()
	proxy, packStdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return -1, fmt.Errorf("cannot serve the policy pack in %s: %w", folder, err)
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return -1, err
	}

	cmd, err := tools.ModuleCommand(ctx, "pulumi.policy", append(req.GetArgs(), folder)...)
	if err != nil {
		return -1, err
	}
	cmd.Dir = folder
	cmd.Stdout, cmd.Stderr = packStdout, stderr
	if err := pluginEnvironment(ctx, cmd, tools, req.GetEnv()); err != nil {
		return -1, err
	}
	if stack != nil {
		facts, err := stackEnvironment(stack)
		if err != nil {
			return -1, err
		}
		cmd.Env = append(cmd.Env, facts...)
	}
	if err := start(cmd); err != nil {
		return -1, fmt.Errorf("cannot start the policy pack in %s: %w", folder, err)
	}
	// Attach waits for the process itself; its error repeats the exit code or says what kept it from attaching.
	attached := proxy.Attach(ctx, cmd)
	if cmd.ProcessState == nil {
		return -1, attached
	}
	return cmd.ProcessState.ExitCode(), nil
}

// stackEnvironment is how a policy pack learns about the stack that it judges.
func stackEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	environment, err := configEnvironment(stack.GetConfig(), stack.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	environment = append(environment,
		"PULUMI_PROJECT="+stack.GetProject(),
		"PULUMI_STACK="+stack.GetStack(),
		fmt.Sprintf("PULUMI_DRY_RUN=%t", stack.GetDryRun()),
	)
	if organization := stack.GetOrganization(); organization != "" {
		environment = append(environment, "PULUMI_ORGANIZATION="+organization)
	}
	return environment, nil
}

// pluginEnvironment gives the command the environment that the engine sent, with the plugin's own virtual
// environment in front.
func pluginEnvironment(ctx context.Context, cmd *exec.Cmd, tools toolchain.Toolchain, sent []string) error {
	if len(sent) > 0 {
		cmd.Env = sent
	} else {
		cmd.Env = environment(cmd)
	}
	folder, err := tools.VirtualEnvPath(ctx)
	if err != nil {
		return err
	}
	if folder != "" {
		cmd.Env = toolchain.ActivateVirtualEnv(cmd.Env, folder)
	}
	return nil
}
