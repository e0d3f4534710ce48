// The macros that hold the parts together are nobody else's business.
#undef VENV_INLINE
#undef VENV_HIDDEN
#undef VENV_REFUSED
#undef VENV_ABI
#undef VENV_BEGIN
#undef VENV_END
#undef VENV_DETAIL_BEGIN
#undef VENV_DETAIL_END

// How <windows.h> was asked to come. Its own macros stay: the system's other headers are made of them.
#if defined(VENV_BRINGS_LEAN)
#undef WIN32_LEAN_AND_MEAN
#undef VENV_BRINGS_LEAN
#endif
#if defined(VENV_BRINGS_NOMINMAX)
#undef NOMINMAX
#undef VENV_BRINGS_NOMINMAX
#endif
