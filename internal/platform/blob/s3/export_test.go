package s3

import "github.com/aws/aws-sdk-go-v2/service/s3"

// Client is the store's, for tests that look behind it.
func (s *Store) Client() *s3.Client { return s.client }
