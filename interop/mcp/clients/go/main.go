// Typical use of an endpoint by a client of the Go SDK.
//
// Arguments: the protocol version to offer ("" for the latest), the toolkit's name, then a URL, or a program and its
// arguments. Prints one JSON line with the results; exits with 1 on any error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"os/exec"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const odd = "a\u2028b\u2029\u00fc \U0001f642\r\n\t\"\\"

func main() {
	version, toolkit, target := os.Args[1], os.Args[2], os.Args[3:]
	var transport mcp.Transport = &mcp.CommandTransport{Command: exec.Command(target[0], target[1:]...)}
	if strings.HasPrefix(target[0], "http") {
		transport = &mcp.StreamableClientTransport{Endpoint: target[0]}
	}
	ctx := context.Background()
	client := mcp.NewClient(&mcp.Implementation{Name: "go-sdk", Version: "1.0.0"}, nil)
	session, err := client.Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		log.Fatal(err)
	}
	call := func(name string, arguments any) *mcp.CallToolResult {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: toolkit + "_" + name, Arguments: arguments})
		if err != nil {
			log.Fatal(name, ": ", err)
		}
		return result
	}
	listed, err := session.ListTools(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	tools := []string{}
	for _, tool := range listed.Tools {
		tools = append(tools, tool.Name)
	}
	echo := call("Echo", map[string]any{"message": odd})
	_, err = session.CallTool(ctx, &mcp.CallToolParams{Name: toolkit + "_NoSuchTool"})
	var unknown *jsonrpc.Error
	if !errors.As(err, &unknown) {
		log.Fatal("expected a JSON-RPC error for an unknown tool, found ", err)
	}
	seen := map[string]any{
		"version":          session.InitializeResult().ProtocolVersion,
		"tools":            tools,
		"echo":             member(echo) == odd && echo.Content[0].(*mcp.TextContent).Text == odd,
		"sum":              call("Add", map[string]any{"a": 2, "b": 3}).StructuredContent,
		"failed":           call("Add", map[string]any{"a": "two", "b": 3}).IsError,
		"unknown":          unknown.Code,
		"withoutArguments": member(call("Whoami", nil)) != "",
	}
	if err := session.Close(); err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		log.Fatal(err)
	}
}

func member(result *mcp.CallToolResult) any {
	object, _ := result.StructuredContent.(map[string]any)
	return object["result"]
}
