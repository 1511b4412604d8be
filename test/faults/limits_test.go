package faults_test

// limits are settings that let 32 clients of one user write as fast as they can.
var limits = []string{}
