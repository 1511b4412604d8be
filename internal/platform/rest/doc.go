// Package rest holds what every HTTP resource of Headway is made of, over
// huma (OpenAPI 3.1 from Go types): operations whose input is checked
// strictly, answers that are encoded already, problem documents (RFC 9457),
// entity tags, cursors and PATCH fields.
//
// An operation that answers a Go value:
//
//	type renameInput struct {
//		Workspace ids.ID `path:"workspace"`
//		Body      struct {
//			Name rest.Optional[string] `json:"name,omitzero" minLength:"1" maxLength:"100"`
//		}
//	}
//	type renameOutput struct {
//		rest.Seq
//		Body Workspace
//	}
//	rest.Register(api, huma.Operation{
//		OperationID: "change-workspace", Method: http.MethodPatch, Path: "/workspaces/{workspace}",
//		Summary: "Change a workspace", Tags: []string{"workspaces"},
//	}, func(ctx context.Context, in *renameInput) (*renameOutput, error) {
//		if name, given := in.Body.Name.Get(); given { … }
//		return &renameOutput{Seq: rest.Seq{N: result.Seq}, Body: row}, nil
//	})
//
// An operation whose answer is encoded already; Task only documents its shape:
//
//	type getInput struct {
//		Workspace ids.ID `path:"workspace"`
//		Task      ids.ID `path:"task"`
//		rest.IfNoneMatch
//	}
//	rest.RegisterRaw[Task](api, huma.Operation{…}, func(ctx context.Context, in *getInput) (*rest.Answer, error) {
//		tag := rest.ETag(row.Seq)
//		if in.Matches(tag) {
//			return rest.NotModified(tag), nil
//		}
//		return &rest.Answer{ETag: tag, Parts: [][]byte{row.Card}}, nil
//	})
//
// Handlers answer errors as *apperr.Error; any other error becomes a 500 that
// says nothing of its cause, which goes to the log. ids.ID is documented as a
// string of format uuid wherever it appears. A field is nullable only where
// its tag says nullable:"true" or its type is a pointer without omitempty.
package rest
