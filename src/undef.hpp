// The macros that hold the parts together are nobody else's business.
#undef VENV_INLINE
#undef VENV_HIDDEN
#undef VENV_REFUSED
#undef VENV_ABI
#undef VENV_BEGIN
#undef VENV_END
#undef VENV_DETAIL_BEGIN
#undef VENV_DETAIL_END
