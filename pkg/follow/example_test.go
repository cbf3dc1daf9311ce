package follow_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// standIn stands for the client that codemanager.New makes.
type standIn struct{}

func (standIn) Deploy(context.Context, codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	return []codemanager.Deployment{
		{Environment: "production", Status: codemanager.StatusComplete, DeploySignature: "482f8d3a"},
		{Environment: "testing", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: "no branch of that name"}},
	}, nil
}

func (standIn) DeploysStatus(context.Context) (*codemanager.DeploysStatus, error) {
	return &codemanager.DeploysStatus{}, nil
}

// Deploys two environments, waits for at most 15 minutes, and tells the outcomes apart.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	request := codemanager.DeployRequest{Environments: []string{"production", "testing"}}
	deployments, _, err := follow.Deploy(ctx, standIn{}, request, follow.Options{})
	var unknown *follow.UnknownError
	var unfinished *follow.UnfinishedError
	switch {
	case errors.As(err, &unknown):
		fmt.Println("look at deploys/status before you deploy again:", err)
	case errors.As(err, &unfinished):
		fmt.Println("the time is over, the deployment may go on:", err)
	case err != nil:
		fmt.Println("nothing is under way:", err)
	}
	for _, d := range deployments {
		if d.Failed() {
			fmt.Printf("%s failed: %s\n", d.Environment, d.Error.Msg)
		} else {
			fmt.Printf("%s is live at %s\n", d.Environment, d.DeploySignature)
		}
	}
	// Output:
	// production is live at 482f8d3a
	// testing failed: no branch of that name
}
