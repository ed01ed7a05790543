// The built-in recordings of the tasks `spoken` and `strings`: yes and no as two voices of espeak-ng and two of flite say them, what
// `unroll hear` makes of `espeak-ng -v en-us+m1 -s 180` (m1, f2) and `flite -voice slt` (slt, rms).
#pragma once

// A start of the task of that name, as a literal; `rest`: what stands in it beside the data.
#define UNROLL_YES_AND_NO(name, rest)                                \
  R"({"unroll": 1, "data": {"valid": 0.25, "task": {"name": ")" name \
  R"("}, "text": ")" UNROLL_YES_AND_NO_TEXT R"("}, )" rest "}"

#define UNROLL_YES_AND_NO_TEXT                                                                              \
  R"(no\tm1_0\tZ^b`^`^YRLE>?>DTXSCGRRDJPLY]a`[_]YRKEB@>ETWRBISQBKQKZ^a`]_^YSLEA@@EUXSBJTSDLRLX[_``^__[RLF)" \
  R"(JSZ]YOIU]XMWYPY]_`a`cdaXOPXab^RHK[`ZK[^S^`aaabefd^Y^cd_TKJP^`WNZ^T_`aaacefd`^cebWMKJR_`UM]]O^`aaacef)" \
  R"(d``deaULIGR__TL]]O^`aabcefd`ade`TKIGQ_`TK]^O^``abdffd`bed]QJHIT__RN]]M]^__`bdec_cebZPKJIS^^PL[[L]^_`)" \
  R"(adeebacd`VMJHHR^^RM[[L[]^`bdec_acb[QKJKKQ[]QQZXKZ[]_bcca^ab_WMGEFEJX[SJWWGYZ]_acb_^`a]ULGEDEGVZTIVUE)" \
  R"(YZ]`bcb_^``[TMHGFEGVYSIVUD:99;<=<:<>=:98766557973771\n)"                                               \
  R"(yes\tm1_0\tVZ_``]WRMFABBCCDEHUZVZ][]PWZ```]WQLF<=>??@@HV]X[]^]KVZ_`a^XSNHAAA?BACJX^Z_^_]KX[_bba]WPKD)" \
  R"(BCBCDFP]_^aZ`]H[_`adfd_VNFBABBFQ]`]a`S_]J[^abcegfbZSMHEIQ]baZb`Q]_R[^`acdfggd^VPKR[de`YcbT^`S]^`bcdf)" \
  R"(gfc]UOJQ^dd]WcbT^`T]_abbcegfc]UOLT_edZTbbU[_U]_`aacefeb[TNNVadaUTa`R[^S]]_`_`bddaZSNOX`b^QR__QY]R[^_)" \
  R"(`__bdda[TQRZbbZNS^^PY]QYZ[][[_aa_YQMNW^^WMUZVPWWMJEEECEEGHMRTTRPQRSRRRTUSUSIB@;;??>>HPOPOOOUSPQPUTSU)" \
  R"(SI?<>@@===FMONOOPRPONORSTURI@<<=??>>GOPPOMOSQNOPSSSTSIC?@=?ABCINNLLMOSPLNORRRUT022333344454444554432)" \
  R"(56665\n)"                                                                                              \
  R"(no\tf2_0\tO_ed]a]_[TQMFCDFPWULJQRNHFU^dc[a]^[SQMGCFIRVULJPSMIEV^dd[`]^]SQLHDEHSVVKJQTNKDW^dc[`]__USL)" \
  R"(KHLRXYVNOWXRLJTYba[b_ddYXQPRZ``[QPV_^VQPT[cc]ecef_`YY^bb^TNNY_^SQPU[dd_fefhcdaaeb`TMLP[`[QQQT]dd`gdh)" \
  R"(hddccfa^RLMQ]_[QQQT^dcagchgedddebZQKNP[`[RRQS^dcbfchffcdeeaVOKLQ]`ZRQRS^cacfciefcdfcaUOMLQ]_ZRRQS^c`)" \
  R"(cedhdfddfc_UQMLP]_YQRRS_c`ddfgeeddeb[TOIJP[_YPRRS_b_ddffeccec`VPKIJMY]YPPQR^a^dbfddbbc`^TOHJJMW[YOPP)" \
  R"(T^a`dbeccabc_YQLFGIJU[XNOPT^`_cbebbaaa^WQKGEGJSYWNNNV^`acbdba`a`^WQKGGGIRXWNMMKRUTVWWYVWVUVRNFDA@CLP)" \
  R"(LDFDCNQOSSUVTTSSTQKD>99@KNI@ABCNQNSSUUTRRSROF@;::=HLH@@ABMPMSQUSSQQROLC>8::=GKH?@@DMPNSQTRRPQQMIA<66)" \
  R"(9:EJG>>?DMONRPTPQPPPMGA;6379CIG>==FMNORQSQPOPOMF@;7669BHG><=?AEDFGGIFFFEFA>64212<@<564:=A>CCDFDDCCDA)" \
  R"(:40./1;=9222:=@>CBEEDBBCB?63..-/8<8221\n)"                                                             \
  R"(yes\tf2_0\tL[b`]a]YVPMGB@BBCEGQYYW]XSR[ba[a]XVPNID@CEFEJQ[[Y^ZTRZba[a^XWPOIECCDEFKT]]]_ZVRZbb]c`ZZQP)" \
  R"(KGDDFGGNX_^`_XXT]dc`fc``USJGDEEHNX^__a]UWU]ee`gedeZXMKFFJOW^a^aaYSUT[dd`hfgibdZXRPQW^cb^bc[SST]dd`ge)" \
  R"(hhff`^WVV]beb[bd^RPS^dcbfciggdb[WWW^cdaZ`c]SQS_dbcechegcbZWWX^cc^X_b]RPS_dacddgefca[WWY`cb]V^a]RPS`c)" \
  R"(`cbeefec_[WWY`c`XT]`ZRNU`b_badcecc_ZXX]ab_UR[_YPMU_`]`_bbcc`^XTTW]_^WRZ[UNLT[][]]^_^`^ZVSRQUYZXSWWRQ)" \
  R"(PKMSRQURWVVTVVTQRTVUTTVWVWUKNSQQTRWTVRRRQRRWURSRWWVWVKNRORSSVTUQQQPORTSSPRTUVWSKNRORQSTUTTRRQOQTSQRR)" \
  R"(VVUVUKNPNQPSRTRSQNNOQUSPOPSSTWUEMOLONPQRQOMHDDGKNLGBJKEA@DJLKKKMMLOMJFBB@DHJHBFGA@?4;B@?C@FDDCDDB@AC)" \
  R"(DCBCEFDFD2<A?@B@EBDAAA@@@EDAA@EFDFD2<A>@AADBC@@??>@BBA?@BCEEB3=@=@?BBCBCA@?>?CA?@ADDCDD6=?=@?BABAA@<)" \
  R"(<>@CB?=>BBBEC\n)"                                                                                      \
  R"(no\tslt_0\tHIKIA97:9768668789;<<><<<:JJIHB;8658888679788;<=>>>;LLLKHDDB><9889:99;<<=@AA>8U`ff_^[TSKH)" \
  R"(FIJDCCCEGFHMKF?Wgmmcfc[ZPMIOQJFEFGIIOSOI?Ygnndgc^]TRNRRMJIJNNNRTSRJWgnmcfba_]YTTTPLNOUVTTWXXTWgnmbfb)" \
  R"(cbc`XXWSQRUY]XX[^]VXhnlcfadbgc][YVVW]`]XX]^ZVWgmlce`dchc`^[Z[^`]XVW[[YUVhmkbe`ddhca_^^__]XUTVYZXTThm)" \
  R"(kceadegaa___^[WUQQTXYVPVhmjceaddea_^_]ZXUSPPRVVTPXimiddbddda_^`[XVTQOOPUUTQYhlhddccdca^^`ZWTRPMNPUUR)" \
  R"(PZhkgecccdba]^_ZTQOMKKOSTQO[hkgdccbca_[^]WOMKIHJMQRPM[gjfcaa_a^]XZYSKIHGGHJOPMIU^b`YPOOPNNOPMICEGDCD)" \
  R"(FIJIDNTWVSKIIHLJKLIEEHIFBBGJJGCGKQSPLJKHIJIKFCHHGGECEHLKAJQSRQJEFGFIIIE@GJKJGEFJLKEDKNNNICCFHHHFBAEH)" \
  R"(JJFFFFGJD\n)"                                                                                          \
  R"(yes\tslt_0\tFILKD=8;:768568888:;;>=<><IJLKF?;957789668677;;=>?@=GKLLH@;87433557666::;>@??:S[aa]ZWOMD)" \
  R"(@>>><;<<>ADHIILJUbiiadbZYOMJIHGEHJKOSUUTTPWdkjchdedb`ZXXWWY[Z[][YXVSUfljcfbgehc`][ZZ]`_^___[XUTfkice)" \
  R"(bgeica^ZYYZ^_`_``_]WRejgbdbegifea][Z^adc`_aa^WUfjgccbdggheb^[Z^acb^^``^VYgkgdcccffhca]YXZ__^YY]^[T]i)" \
  R"(lhecbadcd_[WSSUZZVSX[[YQ_jlhb`_^^[[URNMNPTUSPTWXWM]hke^[XWURQNMJHHMPPOMQSTSL^fhd[SQONNJJJGHHINONMLQT)" \
  R"(QHMSWTNJGIJIFHIHGGIKLKKJLNPLAEIIGGGJKIFFGEHGHIIIHIJMNHADFEAAEFDBBBCDDFHFFHHFGJLICFGDAEFFGECEECDDGHFE)" \
  R"(EEGILG\n)"                                                                                             \
  R"(no\trms_0\t;<;85432113233432457667874@?;964410033554465688:99:7A?=99863133344346789;;<:;9X[]ZVQLHB;:)" \
  R"(<>>>>=:;=?@=;;8_dfc_WTOH@>ADDDDA?@CED@==8cfifc]YUNFCHKKKIFDHJLJE?@<bgjhd]ZVNFEIMMMLIFILNMGAA=cgigd_^)" \
  R"(ZSNKMPPRSQNORUWUOMHcgjgcaa`ZVSRTSVYXUQTX[ZWUPbhjhcbdc_ZUTVUZ_[VRV[]YYWQcgjfdcddb^XWZZ^^WSRW[ZVXVPbfi)" \
  R"(fbbeeb]WY^^]YQNOTWVRTSM`egdabeea[W[_]XSMLNSTQQRPK]cdb]_cb]WTY]XQLGFIOOKMMLF_cdb`bcb[WWYYTNJEDHNNLLMK)" \
  R"(C_dec_bdbZUVYXTNICBFLMKLMKE[aa^YYZXROQSRLGDA?AFIIJIGAZ^_[URRPMMLMMJFD?>?BHGFHGAYZZVQNNMKJIIJIIIEDCFK)" \
  R"(JHIKGOOPNIFEFHFEDCBIIGFEIMNJMMHORSPHEEEBA@???ADHHHMOMJJMJPRSPHIHEECACC?@AHLJLNMJKMINMKJHHHE@DBAC>>?G)" \
  R"(KKKMNLJKIGHHHFGHF@CD@C><ACGHJLLIJJDJNNIECCA@@A@@=;@CFGHIKHGJEDHKGC@AA?CB?>;=?ACDAIIEDGBGIHG?>=<;AA@>)" \
  R"(<>BA=>>BC?AB=ADDB;87:9;9:87;<=:8;=>;<<9\n)"                                                            \
  R"(yes\trms_0\t7:;5321//.0133200456787885<>>;8755322155542568988985@@>=;87344333555679:<>=<=9LNONKHD@;8)" \
  R"(78876778<@A?CBB?TYZXSMID>98::97668AEDGGFFA`beb`ZUOGA=?@><:;>GLMNOONKafigc_[TKFCDDA?>?ELRRRRRSObfigea)" \
  R"(^WMGDFGCBBDJQTTSSRUPacgeca_WNHGFGEFGIOSUUSPQRN`cfdbbb]SLHJKHJMMRTVWTRSRLadfdacdaZRNNONQTUUVWXUSTRNbd)" \
  R"(gecbdeb]VVWX^`[XY[ZVVVTOacgebadec_WVWY`a]WX[ZVVVTNaehfbadfd`WVWY`b^YW[]WVVVRadhebaced`YWXX_`_ZWZ[XUU)" \
  R"(WT`dgda_acb_XTUVZ][WTXYVSSVS`egd^^aba^WSTTY[ZWRYYVQQUR`cfb^[^]XUQPNMPSTSLSVSOPQM`cdaZXYVQPLKIHMOPOJO)" \
  R"(TTPOPMZ[]WSPOMJGFGGFJLMKHLRTSVZWRRROILKIHHGGHFIIKMJMQSV[`^QQOKHKLKHFEGHFIHJKHNRUV]`^NOOKIJJJIFFEGGHG)" \
  R"(IKILQTV]b_JJIGFJLJGDDEEEGGIIFLOSVY``IJJEGKMLFDDFGDGGJIFMRUV[`]JLLGEILJECDFFCGHIJGMRUW[a^IIJFEHKJECCE)" \
  R"(CDFHIJHLSTWY`^GJIEDJKHDCCCBCHJHGFORSU[`]HKLKGHIIDB@BACGHKIFJQTSY[XMQRQMMMJFDBBDDHJIHGNRTRTVSILNKGHIF)" \
  R"(B@@?AAFFDDCGJKIKLHDDEFFDFD=:<>>?A@??ADEDBBC?CFIHFBCC?>=;=@??>@BDFEBCC?HFFFCA@@?@?==@BAACDDHHFFFBDHJH)" \
  R"(DCCCBA@?==BEDB?BEGCBD@FGFE@??=>=>=;<>?>;<<?@>>?:@AA@=997234585777789;<;:;7FEB@=::6445768:6679;:;<986)" \
  R"(\n)"
