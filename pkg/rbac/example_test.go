package rbac_test

import (
	"context"
	"fmt"

	"github.com/puppet-code/puppet-code/pkg/rbac"
)

func Example() {
	client, err := rbac.New(rbac.Options{
		BaseURL:      "https://console.example.com:4433/rbac-api",
		RoundTripper: always(200, `{"token": "0123456789", "login": "ci"}`), // leave it out for a real server
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	token, err := client.LogIn(ctx, "ci", "the password", rbac.TokenOptions{Lifetime: "4h"})
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := client.WithToken(token).Authenticate(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("a token for", info.Login)
	// Output: a token for ci
}
