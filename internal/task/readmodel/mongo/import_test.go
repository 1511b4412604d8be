//go:build servers

package mongo_test

import (
	"fmt"
	"testing"

	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel/mongo"
	"headway/test/servers"
)

// A batch of an import is one commit, though its rows are more than one
// command writes; carried out again, by another process, it adds nothing, and
// looks its ids up together.
func TestALargeImportHappensOnce(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	one, two := process(t, url, mongo.Options{}), process(t, url, mongo.Options{})
	m := newTeam(t, one)
	const tasks = 1050
	in := command.ImportBatch{Workspace: m.workspace, Import: ids.New()}
	for i := range tasks {
		in.Tasks = append(in.Tasks, command.ImportTask{ID: ids.New(), TaskData: event.TaskData{Project: m.project, Title: fmt.Sprint("task ", i)}})
	}
	for i := range 20 {
		in.Comments = append(in.Comments, command.ImportComment{Task: in.Tasks[i].ID, Comment: event.Comment{ID: ids.New(), Text: "a word", Author: m.owner.User}})
	}
	r, err := m.commands.Apply(t.Context(), m.owner, in)
	if err != nil || r.Added.Tasks != tasks || r.Added.Comments != 20 {
		t.Fatalf("the import came to %+v, %v", r, err)
	}
	before := two.db.Commands()
	r, err = m.at(two).commands.Apply(t.Context(), m.owner, in)
	if err != nil || r.Skipped.Tasks != tasks || r.Skipped.Comments != 20 || r.Added != (command.ImportCounts{}) {
		t.Errorf("carried out again it came to %+v, %v", r, err)
	}
	if n := two.db.Commands() - before; n > 15 {
		t.Errorf("looking %d ids up took %d commands", tasks+20, n)
	}
	in.Tasks = append(in.Tasks, command.ImportTask{ID: ids.New(), TaskData: event.TaskData{Project: m.project, Title: "one more"}})
	r, err = m.commands.Apply(t.Context(), m.owner, in)
	if err != nil || r.Added.Tasks != 1 || r.Skipped.Tasks != tasks {
		t.Errorf("with one more task it came to %+v, %v", r, err)
	}
	rowsAreTheLog(t, two, m.workspace)
}
