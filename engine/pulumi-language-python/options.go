package main

import (
	"context"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// pythonOptions reads the `runtime.options` of a Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml.
func pythonOptions(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	options := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	for name, value := range info.GetOptions().AsMap() {
		text, ok := value.(string)
		if !ok {
			return options, status.Errorf(codes.InvalidArgument, "runtime option %s: want a string, got %v", name, value)
		}
		var err error
		switch name {
		case "virtualenv":
			options.Virtualenv = text
		case "toolchain":
			switch text {
			case "pip":
				options.Toolchain = toolchain.Pip
			case "poetry":
				options.Toolchain = toolchain.Poetry
			case "uv":
				options.Toolchain = toolchain.Uv
			default:
				err = unsupported(name, text, "pip, poetry or uv")
			}
		case "typechecker":
			switch text {
			case "":
				options.Typechecker = toolchain.TypeCheckerNone
			case "mypy":
				options.Typechecker = toolchain.TypeCheckerMypy
			case "pyright":
				options.Typechecker = toolchain.TypeCheckerPyright
			default:
				err = unsupported(name, text, "mypy or pyright")
			}
		}
		if err != nil {
			return options, err
		}
	}
	return options, nil
}

// python returns the toolchain whose interpreter runs the program. It fails when the virtual environment that the
// options name does not exist.
func python(ctx context.Context, info *pulumirpc.ProgramInfo) (toolchain.Toolchain, toolchain.PythonOptions, error) {
	options, err := pythonOptions(info)
	if err != nil {
		return nil, options, err
	}
	tools, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return nil, options, err
	}
	return tools, options, tools.ValidateVenv(ctx)
}

func unsupported(name, value, want string) error {
	return status.Error(codes.InvalidArgument, fmt.Sprintf("runtime option %s: %q is not supported; use %s", name, value, want))
}
