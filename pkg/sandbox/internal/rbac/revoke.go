package rbac

import "net/http"

// revoke is DELETE /v2/tokens: of any token for who has it, and of the user's own by their labels.
// As with the real service, one wrong token does not save the others, and it is no error to revoke
// a token twice.
func (s *service) revoke(r *http.Request) (int, any, *problem) {
	user, failed := s.tokenOf(r)
	if failed != nil {
		return 0, nil, failed
	}
	var request struct {
		Tokens []string `json:"revoke_tokens"`
		Labels []string `json:"revoke_tokens_by_labels"`
	}
	if failed := decode(r, &request); failed != nil {
		return 0, nil, failed
	}
	if len(request.Tokens)+len(request.Labels) == 0 {
		return 0, nil, malformedTokens("The request names no tokens: use revoke_tokens or revoke_tokens_by_labels. No tokens were revoked.")
	}
	wrong := 0
	for _, text := range request.Tokens {
		if !s.Tokens.Revoke(text) {
			wrong++
		}
	}
	for _, label := range request.Labels {
		s.Tokens.RevokeLabel(user.User, label)
	}
	if wrong > 0 {
		return 0, nil, malformedTokens("The request has malformed tokens. All other tokens were successfully revoked.")
	}
	return http.StatusNoContent, nil, nil
}

// revokeByPath is DELETE /v2/tokens/TOKEN, which only administrators and API users may use: the user
// of the sandbox is neither.
func (s *service) revokeByPath(r *http.Request) (int, any, *problem) {
	if _, failed := s.tokenOf(r); failed != nil {
		return 0, nil, failed
	}
	return 0, nil, &problem{http.StatusForbidden, "permission-denied", "You do not have permission to revoke a token by its URL: use DELETE /v2/tokens."}
}

func malformedTokens(msg string) *problem {
	return &problem{http.StatusBadRequest, "malformed-token-request", msg}
}
