package output

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
)

// OneDeployment reads the answer about one deployment of the queue, as an object or an array with
// one object. The form is not documented; known is false for any other form.
func OneDeployment(raw []byte) (d codemanager.Deployment, known bool) {
	var list []codemanager.Deployment
	if jsontext.Value(raw).Kind() != '[' {
		list = make([]codemanager.Deployment, 1)
		if json.Unmarshal(raw, &list[0], jsonread.Lenient) != nil {
			return d, false
		}
	} else if json.Unmarshal(raw, &list, jsonread.Lenient) != nil {
		return d, false
	}
	if len(list) != 1 || list[0].Environment == "" {
		return d, false
	}
	return list[0], true
}
