"""`CoderSchoolAI.Environments` by the name that releases up to 0.0.9 give it."""
