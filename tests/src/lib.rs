//! Nothing lives here: the tests are beside this file, one binary per theme.
